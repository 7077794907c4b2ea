"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Theme: as the system has it, or one of the two.
  const themes = ["system", "light", "dark"];
  const theme = document.getElementById("theme");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const now = themes[(themes.indexOf(root.dataset.theme || "system") + 1) % themes.length];
    if (now === "system") delete root.dataset.theme;
    else root.dataset.theme = now;
    theme.querySelector("span").textContent = now;
  });

  // Tabs: each part of an environment is a panel; the arrow keys, Home and End go from tab to tab.
  const select = (tab, focus) => {
    for (const other of all('[role="tab"]', tab.parentElement)) {
      const chosen = other === tab;
      other.setAttribute("aria-selected", String(chosen));
      other.tabIndex = chosen ? 0 : -1;
      document.getElementById(other.getAttribute("aria-controls")).hidden = !chosen;
    }
    if (focus) tab.focus();
  };
  for (const tabs of all(".tabs")) {
    const list = document.createElement("div");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", tabs.dataset.label);
    for (const panel of all(":scope > .panel", tabs)) {
      const tab = document.createElement("button");
      tab.type = "button";
      tab.id = `${panel.id}-tab`;
      tab.textContent = panel.dataset.tab;
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panel.id);
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      tab.addEventListener("click", () => select(tab, false));
      list.append(tab);
    }
    list.addEventListener("keydown", event => {
      const found = all('[role="tab"]', list);
      const at = found.indexOf(document.activeElement);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: found.length - 1 }[event.key];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      select(found[(to + found.length) % found.length], true);
    });
    tabs.prepend(list);
    tabs.classList.add("tabbed");
    select(list.firstElementChild, false);
  }
  // A link may lead into a panel that is not shown.
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    const panel = target && target.closest(".panel");
    if (!panel) return;
    select(document.getElementById(`${panel.id}-tab`), false);
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  // Sorting: a heading's button sorts the rows by its column, and the other way round the second time.
  const value = (row, column, numeric) => {
    const cell = row.cells[column];
    const text = cell.dataset.value ?? cell.textContent.trim();
    return numeric ? (Number.isNaN(parseFloat(text)) ? -Infinity : parseFloat(text)) : text;
  };
  for (const heading of all("th[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const numeric = heading.dataset.sort === "number";
      const before = heading.getAttribute("aria-sort");
      const ascending = before ? before !== "ascending" : !numeric;
      const body = heading.closest("table").tBodies[0];
      const rows = [...body.rows].map(row => [value(row, heading.cellIndex, numeric), row]);
      rows.sort(([one], [other]) => {
        const order = numeric ? one - other || 0 : one.localeCompare(other, "en", { numeric: true });
        return ascending ? order : -order;
      });
      body.append(...rows.map(([, row]) => row));
      for (const other of all("th", heading.parentElement)) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    });
  }

  // Filters: rows that hold the text that is looked for, and are of the kind that is chosen.
  for (const filter of all(".filter")) {
    const rows = [...document.getElementById(filter.dataset.filter).tBodies[0].rows];
    const [search, choice, told] = ["input", "select", "output"].map(name => filter.querySelector(name));
    const apply = () => {
      const words = search.value.trim().toLowerCase();
      const kind = choice ? choice.value : "";
      let shown = 0;
      for (const row of rows) {
        row.hidden = (words && !row.textContent.toLowerCase().includes(words)) || (kind && row.dataset.choice !== kind);
        shown += row.hidden ? 0 : 1;
      }
      told.textContent = `${shown} of ${rows.length}`;
    };
    search.addEventListener("input", apply);
    if (choice) choice.addEventListener("change", apply);
    filter.hidden = false;
    apply();
  }
})();
