// on a phone the menu moves sideways: the page at hand must be in sight
addEventListener("load", () =>
  document.querySelector(".mc-menu [aria-current]")
    ?.scrollIntoView({inline: "center", block: "nearest", behavior: "instant"}));

// ties a field to its suggestions: the part we did not write has a `list` of its own
addEventListener("focusin", ({target}) => {
  if (target.dataset?.suggest) target.setAttribute("list", target.dataset.suggest);
});

// a table is drawn anew when it is sorted, or when a number in it was opened: the focus of a
// keyboard stays where it was
let last = null;
addEventListener("focusin", ({target}) => {
  if (!target.closest?.(".q-dialog")) last = target.dataset?.stay ? target : null;
});
addEventListener("pointerdown", () => { last = null; }, true);
addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
  if (!last || last.isConnected || document.activeElement !== document.body) return;
  document.querySelector(`[data-stay="${CSS.escape(last.dataset.stay)}"]`)?.focus({preventScroll: true});
}).observe(document.body, {childList: true, subtree: true}));

// what is said when the server goes away is told to a screen reader too, in the page's language
addEventListener("DOMContentLoaded", () => {
  const popup = document.getElementById("popup");
  popup?.setAttribute("role", "alert");
  if (!document.documentElement.lang.startsWith("zh")) return;
  ["与服务器的连接已断开。", "正在重新连接……"].forEach((text, k) => {
    if (popup?.children[k]) popup.children[k].textContent = text;
  });
});
