// An IRI with # may name a part that this page does not show: then the page of the part.
const fragment = decodeURIComponent(location.hash.slice(1));
if (fragment && !document.getElementById(fragment)) {
  location.replace(`${location.pathname}?${new URLSearchParams({ part: fragment })}`);
}
