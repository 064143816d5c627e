// Keeps reports on lessons held until somebody sends them: in the page, and in the browser's own storage where it has one.
// Nothing leaves before the button is pressed; the key stays in its field; a report goes from the list only on a 2xx.
(function () {
  "use strict";
  var words = window.classes.words, all = window.classes.all, whole = window.classes.whole;
  var STORE = "surefoot-reports", PATH = "/v1/lessons/reports", WAIT = 30000;
  var form = document.getElementById("report"), told = form.querySelector(".told");
  var queue = [], keeps = false;

  function load() {
    try {
      window.localStorage.setItem(STORE + "-try", "1");
      window.localStorage.removeItem(STORE + "-try");
      keeps = true;
      var found = JSON.parse(window.localStorage.getItem(STORE) || "[]");
      queue = Array.isArray(found) ? found : [];
    } catch (error) { /* Storage is off, full or unreadable: the page says that it keeps nothing. */ }
  }

  function save() {
    try {
      window.localStorage.setItem(STORE, JSON.stringify(queue));
    } catch (error) { keeps = false; }
  }

  // Another page may have kept or sent something meanwhile.
  function change(how) {
    if (keeps) { load(); }
    queue = how(queue);
    save();
    show();
  }

  function today() {
    var now = new Date(), two = function (number) { return ("0" + number).slice(-2); };
    return now.getFullYear() + "-" + two(now.getMonth() + 1) + "-" + two(now.getDate());
  }

  function wrong(field, isWrong) {
    field.setAttribute("aria-invalid", String(isWrong));
    return isWrong;
  }

  function isCount(field, least) {
    var value = whole(field);
    return (value !== null && value >= least) || (field.value === "" && !field.required);
  }

  // Fields that are empty, no whole number, or written otherwise than asked.
  function faulty() {
    return Array.prototype.slice.call(form.elements).filter(function (field) {
      if (!/^(INPUT|SELECT)$/.test(field.tagName)) { return false; }
      var fine = field.type === "number" ? isCount(field, field.name === "sessions" ? 1 : 0) : field.validity.valid;
      return wrong(field, !fine || (field.required && !field.value.trim()));
    });
  }

  function people() {
    var counts = {}, total = 0;
    all("[data-sex]", form).forEach(function (field) {
      var sex = field.dataset.sex, count = whole(field) || 0;
      counts[sex] = counts[sex] || {};
      counts[sex][field.dataset.age] = count;
      total += count;
    });
    return { counts: counts, total: total };
  }

  function report() {
    var value = function (name) { return form.elements[name].value.trim(); }, who = people();
    var made = {
      sessions: whole(form.elements.sessions),
      date: value("date"),
      place_type: value("place_type"),
      place: value("place") || null,
      delivery: value("delivery"),
      method: value("method"),
      organisation: value("organisation"),
      counts: who.counts,
      first_timers: whole(form.elements.first_timers)
    };
    var disabled = form.elements.with_disabilities;
    if (disabled.value !== "") { made.with_disabilities = whole(disabled); }
    made.gains = window.classes.gains();
    var tooMany = ["first_timers", "with_disabilities"].filter(function (name) {
      return wrong(form.elements[name], made[name] > who.total);
    });
    return tooMany.length || !who.total ? null : made;
  }

  function keep(event) {
    event.preventDefault();
    var bad = faulty(), date = form.elements.date;
    told.textContent = "";
    if (date.value && date.value > today()) {
      wrong(date, true);
      told.textContent = words.future;
      date.focus();
      return;
    }
    var begun = window.classes.begun(), made = bad.length || begun.length ? null : report();
    if (!made) {
      told.textContent = words.incomplete;
      if (begun.length) { begun[0].open = true; }
      (bad[0] || (begun[0] && begun[0].querySelector("input")) || form.querySelector("[aria-invalid=true], [data-sex]")).focus();
      return;
    }
    change(function (now) { return now.concat([{ id: key(), report: made }]); });
    form.reset();
    window.classes.clear();
    document.getElementById("kept").focus();
  }

  // A random name for a report, so that one that is sent twice is counted once.
  function key() {
    var bytes = new Uint8Array(16);
    window.crypto.getRandomValues(bytes);
    return Array.prototype.map.call(bytes, function (one) { return ("0" + one.toString(16)).slice(-2); }).join("");
  }

  function where(one) { return one.report.place || one.report.place_type; }

  function show() {
    var list = document.getElementById("queue");
    document.getElementById("kept-reports").hidden = false;
    document.getElementById("keeping").textContent = keeps ? words.kept_here : words.not_kept;
    list.textContent = "";
    queue.forEach(function (one) {
      var line = document.createElement("li"), button = document.createElement("button");
      line.append(one.report.date + " · " + where(one) + " · " + one.report.organisation + " ");
      button.type = "button";
      button.className = "plain screen";
      button.textContent = words.remove;
      button.setAttribute("aria-label", words.remove + ": " + one.report.date + " " + where(one));
      button.addEventListener("click", function () {
        change(function (now) { return now.filter(function (other) { return other.id !== one.id; }); });
        document.getElementById("kept").focus();
      });
      line.append(button);
      list.append(line);
    });
    var text = queue.map(function (one) { return JSON.stringify(one.report, null, 1); }).join("\n\n");
    document.getElementById("as-text").value = text;
    document.getElementById("on-paper").textContent = text;
  }

  // What the service says of a report that it refuses, in its own words.
  function refusal(status, text) {
    var error = new Error(), told = {};
    try { told = JSON.parse(text); } catch (unread) { /* No service of ours answered: the status is all there is. */ }
    error.said = "(" + status + ") " + [told.detail, told.remedy].filter(Boolean).join(" ");
    return error;
  }

  function post(one, address, secret) {
    var stop = new AbortController(), timer = window.setTimeout(function () { stop.abort(); }, WAIT);
    var headers = { "Content-Type": "application/json", "Idempotency-Key": one.id };
    if (secret) { headers.Authorization = "Bearer " + secret; }
    return window.fetch(address, {
      method: "POST",
      headers: headers,
      body: JSON.stringify(one.report),
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: stop.signal
    }).then(function (answer) {
      window.clearTimeout(timer);
      if (!answer.ok) { return answer.text().then(function (text) { throw refusal(answer.status, text); }); }
      change(function (now) { return now.filter(function (other) { return other.id !== one.id; }); });
    });
  }

  function send(event) {
    event.preventDefault();
    var fields = document.getElementById("sending").elements, sent = document.getElementById("sent");
    var address = fields.address.value.trim().replace(/\/+$/, "");
    if (wrong(fields.address, !/^https:\/\/[^\s/]+/.test(address)) || !queue.length) {
      sent.textContent = words.incomplete;
      fields.address.focus();
      return;
    }
    if (address.slice(-PATH.length) !== PATH) { address += PATH; }
    var button = event.target.querySelector("button"), secret = fields.key.value.trim();
    button.disabled = true;
    // One that is refused stays and holds up no other; without a network the first says so for all.
    var refused = [];
    queue.slice().reduce(function (before, one) {
      return before.then(function () { return post(one, address, secret); }).catch(function (error) {
        if (!error.said) { throw error; }
        refused.push(one.report.date + " · " + where(one) + ": " + error.said);
      });
    }, Promise.resolve()).then(
      function () { return refused.length ? words.unsent + " " + refused.join("; ") : words.sent; },
      function () { return words.unsent; }
    ).then(function (outcome) {
      if (outcome === words.sent) { fields.key.value = ""; }
      sent.textContent = outcome;
      button.disabled = false;
    });
  }

  document.getElementById("kept").tabIndex = -1;
  form.elements.date.max = today();
  all(".buttons[hidden]").forEach(function (one) { one.hidden = false; });
  form.elements.place_type.addEventListener("change", function (event) {
    form.elements.place.required = event.target.value !== "online"; // what is held online has no place
  });
  form.addEventListener("submit", keep);
  document.getElementById("sending").addEventListener("submit", send);
  document.getElementById("print").addEventListener("click", function () { window.print(); });
  window.addEventListener("beforeprint", function () { all("details.gain").forEach(function (one) { one.open = true; }); });
  load();
  show();
})();
