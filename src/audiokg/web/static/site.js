// What every page has beyond plain HTML. Pages work without it.

// Suggestions while typing in a search box: the combobox pattern of WAI-ARIA
// (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/), the list told by the server.
const WAIT = 120; // milliseconds of rest before the server is asked

/** Make an element with attributes and text. */
function make(name, attributes, text = "") {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

class Suggestions {
  constructor(input, number) {
    this.input = input;
    this.paths = [];
    this.chosen = -1;
    this.asking = null;
    this.timer = 0;
    const id = `suggestions-${number}`;
    this.list = make("ul", { id, role: "listbox", class: "suggestions", "aria-label": "Suggestions" });
    this.status = make("span", { role: "status", class: "unseen" });
    this.list.hidden = true;
    input.form.append(this.list, this.status);
    const combobox = { role: "combobox", "aria-autocomplete": "list", "aria-controls": id, "aria-expanded": "false" };
    for (const [key, value] of Object.entries(combobox)) input.setAttribute(key, value);
    this.listen();
  }

  listen() {
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), WAIT);
    });
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.input.addEventListener("blur", () => this.close());
    this.input.form.addEventListener("submit", () => this.close());
    // The press would take the focus away, and with it the list, before the click.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.open([...this.list.children].indexOf(option));
    });
  }

  async ask() {
    this.asking?.abort();
    const text = this.input.value.trim();
    if (!text) return this.close();
    const asking = new AbortController();
    this.asking = asking;
    try {
      const answer = await fetch(`/search/suggest?${new URLSearchParams({ q: text })}`, { signal: asking.signal });
      if (answer.ok && !asking.signal.aborted) this.show(await answer.json());
    } catch (error) {
      if (error.name !== "AbortError") this.close(); // without suggestions the search still works
    }
  }

  show([text, names, kinds, addresses]) {
    if (text !== this.input.value.trim().replace(/\s+/g, " ") || document.activeElement !== this.input) return;
    this.paths = addresses.map((address) => new URL(address));
    this.list.replaceChildren(
      ...names.map((name, place) => {
        const option = make("li", { role: "option", id: `${this.list.id}-${place}`, "aria-selected": "false" }, name);
        option.append(make("span", {}, kinds[place]));
        return option;
      }),
    );
    this.chosen = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.expand(names.length > 0);
    this.status.textContent = names.length ? `${names.length} suggestions` : "no suggestions";
  }

  press(event) {
    const open = !this.list.hidden;
    if (event.key === "Escape" && open) {
      event.preventDefault(); // the first Escape closes the list, the second empties the box
      this.close();
    } else if (event.key === "Enter" && open && this.chosen >= 0) {
      event.preventDefault();
      this.open(this.chosen);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (open) this.choose(this.chosen + (event.key === "ArrowDown" ? 1 : -1));
      else this.ask();
    }
  }

  /** Choose an option; beyond the ends is the text itself. */
  choose(place) {
    const options = [...this.list.children];
    const turns = options.length + 1;
    this.chosen = ((place + 1 + turns) % turns) - 1;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === this.chosen)));
    if (this.chosen < 0) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", options[this.chosen].id);
    options[this.chosen].scrollIntoView({ block: "nearest" });
  }

  open(place) {
    const { pathname, hash } = this.paths[place];
    this.close();
    location.assign(pathname + hash);
  }

  expand(open) {
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.chosen = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.status.textContent = "";
    this.expand(false);
  }
}

document.querySelectorAll("form[role=search] input[type=search]").forEach((input, number) => new Suggestions(input, number));
