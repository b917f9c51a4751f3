"use strict";
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const told = document.getElementById("copied");
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      told.textContent = "Copied.";
    } catch {
      button.previousElementSibling.select();
      told.textContent = "Selected: press Ctrl+C to copy.";
    }
  });
}
