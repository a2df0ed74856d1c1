/* A page that shows work under way looks again by itself: its main part is replaced, nothing is reloaded.
   Contract: [data-refresh] stands in the page as long as there is something to wait for. */

const SECONDS = 1.5;

async function again() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.querySelector("main").replaceChildren(...fresh.querySelector("main").childNodes);
    }
  } catch {
    // Offline for a moment: the page stays as it is and is asked again.
  }
  wait();
}

function wait() {
  if (document.querySelector("[data-refresh]")) setTimeout(again, SECONDS * 1000);
}

wait();
