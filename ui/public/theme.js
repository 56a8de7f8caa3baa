// Runs before the first paint, so that a page in the dark theme does not flash white.
try {
  const theme = JSON.parse(localStorage.getItem("tradewind.settings") ?? "{}").theme;
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be closed to us; the theme of the system is shown then.
}
