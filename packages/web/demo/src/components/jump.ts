/** Brings a part of the page into view and puts the focus on it, without touching the address, which holds the settings. */
export function jumpTo(id: string): void {
  const target = document.getElementById(id);
  if (!target) return;
  const details = target.closest('details');
  if (details) details.open = true;
  target.scrollIntoView({ block: 'start' });
  target.focus({ preventScroll: true });
}
