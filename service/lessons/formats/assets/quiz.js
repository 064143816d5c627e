// Answers a quiz: checks what was chosen, explains it, counts. Without it, the answers stand below each question.
(function () {
  "use strict";
  var words = JSON.parse(document.body.dataset.words);
  var all = function (selector, inside) { return Array.prototype.slice.call((inside || document).querySelectorAll(selector)); };

  function element(name, text, className) {
    var made = document.createElement(name);
    if (text) { made.textContent = text; }
    if (className) { made.className = className; }
    return made;
  }

  // What was chosen, as numbers of options in the order of the right answer; null while something is missing.
  var chosen = {
    single: function (item) {
      var found = all("input:checked", item).map(function (one) { return Number(one.value); });
      return found.length ? found : null;
    },
    order: function (item) { return all("li[data-value]", item).map(function (one) { return Number(one.dataset.value); }); },
    match: function (item) {
      var found = all("select", item).map(function (one) { return one.value === "" ? -1 : Number(one.value); });
      return found.indexOf(-1) < 0 ? found : null;
    }
  };
  chosen.multiple = chosen.scene = chosen.single;

  function answers(item) {
    return all(".answers [data-option]", item).map(function (one) {
      return {
        text: one.querySelector(".text").textContent,
        feedback: one.querySelector(".feedback").textContent,
        right: one.dataset.right === "yes"
      };
    });
  }

  function isRight(kind, found, options) {
    if (kind === "order") { return found.every(function (one, place) { return one === place; }); }
    if (kind === "match") {
      return all("select", this).every(function (one) { return one.value === one.dataset.value; });
    }
    return options.every(function (one, number) { return one.right === (found.indexOf(number) >= 0); }) ||
      (kind !== "multiple" && options[found[0]].right);
  }

  function verdict(right, feedback) {
    var word = right ? words.right : words.wrong;
    return feedback.indexOf(word) === 0 ? "" : word;
  }

  function explain(item, kind, found, options, right) {
    var result = item.querySelector(".result");
    result.textContent = "";
    if (kind === "single" || kind === "scene") {
      var one = options[found[0]];
      if (verdict(right, one.feedback)) { result.append(element("p", verdict(right, one.feedback), "verdict")); }
      result.append(element("p", one.feedback));
      return;
    }
    result.append(element("p", right ? words.right : words.wrong, "verdict"));
    var list = element(kind === "order" ? "ol" : "ul");
    options.forEach(function (option) {
      var line = element("li"), said = kind === "multiple" ? verdict(option.right, option.feedback) : "";
      line.append(element("strong", option.text), said ? " – " + said + ". " : " – ", option.feedback);
      list.append(line);
    });
    result.append(list);
  }

  function lock(item, locked) {
    item.classList.toggle("done", locked);
    all("input, select, .moves button", item).forEach(function (one) { one.disabled = locked; });
    all("button[type=submit]", item).forEach(function (one) { one.setAttribute("aria-disabled", String(locked)); });
  }

  function check(item) {
    if (item.classList.contains("done")) { return; }
    var kind = item.dataset.kind, found = chosen[kind](item), result = item.querySelector(".result");
    if (!found) { result.textContent = words.choose_first; return; }
    var options = answers(item), right = isRight.call(item, kind, found, options);
    item.dataset.found = found.join(".");
    item.dataset.won = right ? "yes" : "no";
    explain(item, kind, found, options, right);
    lock(item, true);
    count(item.closest(".questions"));
  }

  function score(set) {
    var items = all(".item", set);
    return {
      name: set.dataset.set,
      asked: items.length,
      answered: items.filter(function (one) { return one.dataset.won; }).length,
      right: items.filter(function (one) { return one.dataset.won === "yes"; }).length
    };
  }

  function count(set) {
    var now = score(set), line = set.querySelector(".sum");
    line.querySelector("[role=status]").textContent = words.right_answers + ": \u2066" + now.right + " / " + now.asked + "\u2069";
    line.querySelector("button").hidden = now.answered < now.asked;
    document.dispatchEvent(new CustomEvent("answered", { detail: now }));
  }

  function restart(set) {
    all(".item", set).forEach(function (item) {
      delete item.dataset.won;
      delete item.dataset.found;
      lock(item, false);
      item.querySelector("form").reset();
      item.querySelector(".result").textContent = "";
      arrange(item, item.dataset.first);
    });
    set.querySelector(".sum [role=status]").textContent = "";
    set.querySelector(".sum button").hidden = true;
    var first = set.querySelector("input, select, .moves button");
    if (first) { first.focus(); }
  }

  function arrange(item, places) {
    var list = item.querySelector(".steps");
    if (!list || !places) { return; }
    places.split(".").forEach(function (value) { list.append(list.querySelector("[data-value='" + value + "']")); });
    mark(list);
  }

  function mark(list) {
    var steps = all("li", list);
    steps.forEach(function (step, place) {
      step.querySelector("[data-move='-1']").setAttribute("aria-disabled", String(place === 0));
      step.querySelector("[data-move='1']").setAttribute("aria-disabled", String(place === steps.length - 1));
    });
  }

  function move(button) {
    var step = button.closest("li"), list = step.parentNode, by = Number(button.dataset.move);
    var other = by < 0 ? step.previousElementSibling : step.nextElementSibling;
    if (!other) { return; }
    list.insertBefore(step, by < 0 ? other : other.nextElementSibling);
    mark(list);
    button.focus();
    var steps = all("li", list), said = step.querySelector(".words").textContent;
    list.closest(".item").querySelector(".moved").textContent = said + ": \u2066" + (steps.indexOf(step) + 1) + " / " + steps.length + "\u2069";
  }

  function begin(item) {
    item.querySelector(".go").hidden = false;
    item.querySelector(".answers").hidden = true;
    item.dataset.first = chosen.order(item).join(".");
    all(".moves", item).forEach(function (one) { one.hidden = false; });
    all(".steps", item).forEach(mark);
    all("[data-move]", item).forEach(function (one) { one.addEventListener("click", function () { move(one); }); });
    item.querySelector("form").addEventListener("submit", function (event) { event.preventDefault(); check(item); });
  }

  function choose(item, found) {
    if (item.dataset.kind === "order") { arrange(item, found); return; }
    var values = found.split(".");
    all("select", item).forEach(function (one, number) { one.value = values[number]; });
    all("input", item).forEach(function (one) { one.checked = values.indexOf(one.value) >= 0; });
  }

  // What was answered so far, in few letters, and back.
  function state() {
    return all(".item[data-found]").map(function (one) { return one.id + "=" + one.dataset.found; }).join(";");
  }

  function restore(text) {
    (text || "").split(";").forEach(function (pair) {
      var parts = pair.split("="), item = document.getElementById(parts[0]);
      if (item && item.classList.contains("item") && /^\d+(\.\d+)*$/.test(parts[1] || "")) {
        choose(item, parts[1]);
        check(item);
      }
    });
  }

  all(".item").forEach(begin);
  all(".questions").forEach(function (set) {
    set.querySelector(".sum button").addEventListener("click", function () { restart(set); });
  });
  window.addEventListener("beforeprint", function () { all("details").forEach(function (one) { one.open = true; }); });
  window.quiz = {
    words: words,
    state: state,
    restore: restore,
    scores: function () { return all(".questions").map(score); }
  };
})();
