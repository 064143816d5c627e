// Shows at once what a class has learnt: right answers before and after, of all that were asked. Counts only.
(function () {
  "use strict";
  var words = JSON.parse(document.body.dataset.words);
  var all = function (selector, inside) { return Array.prototype.slice.call((inside || document).querySelectorAll(selector)); };

  // A whole number, or null; an empty field is none.
  function whole(field) {
    return /^\d{1,5}$/.test(field.value.trim()) ? Number(field.value.trim()) : null;
  }

  function sum(form, side, most) {
    var total = 0;
    all("[data-side=" + side + "]", form).forEach(function (field) {
      var value = whole(field), wrong = value === null || value > most;
      field.setAttribute("aria-invalid", String(wrong && field.value !== ""));
      total = wrong || total === null ? null : total + value;
    });
    return total;
  }

  // What a form's counts say; null while one is missing, or is more than the pupils who answered.
  function gain(form) {
    var pupils = whole(form.querySelector("[data-side=pupils]"));
    if (!pupils) { return null; }
    var before = sum(form, "before", pupils), after = sum(form, "after", pupils);
    if (before === null || after === null) { return null; }
    var about = JSON.parse(form.dataset.about);
    about.asked = pupils * Number(form.dataset.after);
    about.right_before = before;
    about.right_after = after;
    return about;
  }

  function show(form) {
    var now = gain(form), told = form.querySelector(".told");
    if (!now) { told.textContent = ""; return; }
    var more = now.right_after - now.right_before;
    var figures = function (text) { return "\u2066" + text + "\u2069"; }; // read from left to right in every language
    told.textContent = words.right_before + ": " + figures(now.right_before + " / " + now.asked) + ". " +
      words.right_after + ": " + figures(now.right_after + " / " + now.asked) + ". " +
      words.gain + ": " + figures((more > 0 ? "+" : "") + more);
  }

  all(".gain").forEach(function (form) {
    form.addEventListener("input", function () { show(form); });
  });
  window.classes = {
    words: words,
    all: all,
    whole: whole,
    gains: function () { return all(".gain").map(gain).filter(Boolean); },
    begun: function () {
      return all(".gain").filter(function (form) {
        return !gain(form) && all("input", form).some(function (field) { return field.value !== ""; });
      });
    },
    clear: function () {
      all(".gain").forEach(function (form) {
        all("input", form).forEach(function (field) { field.value = ""; field.removeAttribute("aria-invalid"); });
        show(form);
      });
    }
  };
})();
