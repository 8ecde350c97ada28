// Runs before the first paint, so that a dark screen never flashes white. A file of its own because
// the content security policy allows no inline script.
try {
  const stored = JSON.parse(localStorage.getItem('nunchi.preferences') ?? '{}');
  const dark =
    stored.theme === 'dark' ||
    (stored.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  document.documentElement.lang =
    stored.language ?? (navigator.language.startsWith('ko') ? 'ko' : 'en');
} catch {
  document.documentElement.dataset.theme = 'dark';
}
