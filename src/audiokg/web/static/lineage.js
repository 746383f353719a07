// Offers to explore the family graph. A finger on the canvas would move it instead of the page, so
// where there is no mouse it is drawn, and the bundle with cytoscape fetched, only when asked for.
const place = document.querySelector(".explore");
const picture = document.querySelector("figure > .lineage");
const hint = document.querySelector("figure > .sideways");
const button = document.createElement("button");
button.type = "button";
let explorer = null;

function show(exploring) {
  place.hidden = !exploring;
  picture.hidden = exploring;
  hint.hidden = exploring || picture.scrollWidth <= picture.clientWidth;
  button.textContent = exploring ? "Show the still picture" : "Explore: zoom, move, expand";
}

async function toggle() {
  if (explorer) return show(picture.hidden === false);
  button.disabled = true;
  try {
    const { explore } = await import(place.dataset.module);
    show(true);
    explorer = await explore(place);
  } catch {
    show(false);
    button.textContent = "Explore: could not be loaded, try again";
  }
  button.disabled = false;
}

/** Scroll a picture wider than the page to where it starts from. */
function centre() {
  const start = picture.querySelector(".start rect").getBoundingClientRect();
  const frame = picture.getBoundingClientRect();
  picture.scrollLeft += start.left + start.width / 2 - frame.left - frame.width / 2;
}

button.addEventListener("click", toggle);
picture.before(button);
show(false);
centre();
if (matchMedia("(pointer: fine)").matches) toggle();
