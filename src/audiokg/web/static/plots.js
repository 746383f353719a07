// Titles of points as tips, at once and also for the keyboard. Without it, hovering shows them.
const tip = document.createElement("div");
tip.className = "tip";
tip.hidden = true;
tip.setAttribute("aria-hidden", "true");
document.body.append(tip);

function show(link) {
  const box = link.getBoundingClientRect();
  tip.textContent = link.querySelector("title")?.textContent;
  tip.hidden = false;
  const left = Math.min(box.left, document.documentElement.clientWidth - tip.offsetWidth - 8);
  tip.style.left = `${Math.max(8, left) + scrollX}px`;
  const fits = box.bottom + tip.offsetHeight + 8 < innerHeight;
  tip.style.top = `${(fits ? box.bottom + 6 : box.top - tip.offsetHeight - 6) + scrollY}px`;
}

function hide() {
  tip.hidden = true;
}

for (const link of document.querySelectorAll("svg.plot a")) {
  link.addEventListener("mouseenter", () => show(link));
  link.addEventListener("focus", () => show(link));
  link.addEventListener("mouseleave", hide);
  link.addEventListener("blur", hide);
}
document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
