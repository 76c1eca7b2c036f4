"use strict";

const board = document.querySelector("[data-news]");
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function show({ stream, html }) {
  const list = document.getElementById(stream)?.querySelector(".comments");
  if (!list) return location.reload(); // a broadcast that is newer than the page
  list.insertAdjacentHTML("beforeend", html);
  list.scrollTop = list.scrollHeight;
}

async function follow() {
  for (;;) {
    try {
      const answer = await fetch(`${board.dataset.news}?after=${board.dataset.after}`);
      if (!answer.ok) throw new Error(answer.status);
      const news = await answer.json();
      board.dataset.after = news.after;
      news.comments.forEach(show);
    } catch {
      await pause(3000);
    }
  }
}

follow();
