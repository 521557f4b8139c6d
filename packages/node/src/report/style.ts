/** The report's looks. Photographs and maps carry the colour, so everything else is quiet. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #f6f4f0; --surface: #fffefc; --ink: #1f1c19; --quiet: #6a635a; --line: #e3ddd3; --track: #ece7df;
  --accent: #a02c4d; --notice: #8a5300; --notice-ground: #fdf3df;
  --opacity: .85;
  font: 16px/1.5 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #151312; --surface: #1e1b1a; --ink: #f0ebe4; --quiet: #a49b90; --line: #35302c; --track: #2c2825;
    --accent: #f0758b; --notice: #f0c070; --notice-ground: #2e2412;
  }
}
* { box-sizing: border-box; }
/* What is jumped or tabbed to is not under the controls, which stay at the top. */
html { scroll-padding-top: 4rem; }
body { margin: 0; background: var(--ground); color: var(--ink); }
main, header.page, footer { max-width: 76rem; margin: 0 auto; padding: 0 clamp(1rem, 3vw, 2.5rem); }
header.page { padding-top: clamp(1.5rem, 5vw, 3.5rem); padding-bottom: clamp(1.25rem, 3vw, 2rem); }
h1, h2, h3 { line-height: 1.15; text-wrap: balance; margin: 0; }
h1 { font-size: clamp(1.9rem, 5vw, 3.1rem); letter-spacing: -.025em; font-weight: 680; }
h2 { font-size: 1.5rem; letter-spacing: -.015em; }
p { margin: 0; text-wrap: pretty; }
.quiet { color: var(--quiet); }
.small { font-size: .85rem; }
.numbers { font-variant-numeric: tabular-nums; }
.lead { margin-top: .7rem; font-size: 1.1rem; color: var(--quiet); max-width: 46rem; }
.lead b { color: var(--ink); font-weight: 600; }
a { color: inherit; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 3px; }
nav ul { display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; padding: 0; margin: 1.2rem 0 0; list-style: none; }

.picture { padding: clamp(1.5rem, 4vw, 2.75rem) 0; }
.picture + .picture { border-top: 1px solid var(--line); }
.hero { display: flex; flex-wrap: wrap; gap: clamp(1.25rem, 3vw, 2.75rem); align-items: flex-start; }
.hero > figure { margin: 0; flex: 0 1 calc(28rem * var(--ratio)); min-width: min(100%, 16rem); max-width: calc(100% - 22rem); }
.hero img { display: block; width: 100%; height: auto; border-radius: 12px; }
.hero figcaption { margin-top: .5rem; overflow-wrap: anywhere; }
.answers { flex: 1 1 20rem; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); gap: 1.75rem; }
.answers h2 { font-size: 1.15rem; letter-spacing: -.01em; overflow-wrap: anywhere; }
.bars { list-style: none; margin: .75rem 0 0; padding: 0; display: grid; gap: .6rem; }
.bars li { display: grid; grid-template-columns: 1fr auto; column-gap: 1rem; align-items: baseline; }
.bars .label { overflow-wrap: anywhere; }
.bars li:first-child .label { font-weight: 640; }
.bars .track { grid-column: 1 / -1; height: .42rem; margin-top: .2rem; border-radius: 1rem; background: var(--track); overflow: hidden; }
.bars .track i { display: block; height: 100%; min-width: 2px; border-radius: 1rem; background: var(--accent); }
.bars li:not(:first-child) .track i { opacity: .55; }

.controls { position: sticky; top: 0; z-index: 2; margin: 0 calc(-1 * clamp(1rem, 3vw, 2.5rem)); padding: .65rem clamp(1rem, 3vw, 2.5rem);
  display: flex; flex-wrap: wrap; gap: .4rem 1.75rem; align-items: center; font-size: .9rem;
  background: color-mix(in srgb, var(--ground) 88%, transparent); backdrop-filter: blur(10px); border-block: 1px solid var(--line); }
.controls fieldset { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem .9rem; align-items: center; }
.controls legend { float: left; padding: 0; margin-right: .9rem; color: var(--quiet); }
.controls label { display: inline-flex; gap: .4rem; align-items: center; cursor: pointer; }
.controls input { accent-color: var(--accent); margin: 0; }
.controls .heat-slider { display: none; }
.scripted .controls .heat-slider { display: inline-flex; }
.controls output { min-width: 3.2em; color: var(--quiet); }

.method { margin-top: clamp(1.75rem, 4vw, 2.5rem); }
.method > header { max-width: 52rem; }
.method .paper { margin-top: .25rem; }
.notices { list-style: none; margin: .75rem 0 0; padding: 0; display: grid; gap: .5rem; max-width: 52rem; }
.notices li { padding: .6rem .85rem; border-radius: 8px; background: var(--notice-ground); color: var(--notice); font-size: .92rem; overflow-wrap: anywhere; }
.cards { display: grid; grid-template-columns: repeat(var(--columns), minmax(0, 1fr)); gap: 1.25rem; margin-top: 1rem; }
.cards.single { max-width: 42rem; }
.card { margin: 0; background: var(--surface); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; }
.stage { position: relative; overflow: hidden; background: #000; }
.stage .photo { position: absolute; inset: 0; background-size: 100% 100%; }
.stage .seen { position: absolute; box-shadow: 0 0 0 200vmax rgb(0 0 0 / .6); }
.stage .seen img { position: absolute; inset: 0; width: 100%; height: 100%; opacity: var(--opacity); }
.stage .cells { image-rendering: pixelated; visibility: hidden; }
body:has(#cells:checked) .stage:has(.cells) .smooth { visibility: hidden; }
body:has(#cells:checked) .stage .cells { visibility: visible; }
.fine .photo { filter: grayscale(1) brightness(.45); }
body:has(#grey:checked) .photo { filter: grayscale(1); }
body:has(#grey:checked) .fine .photo { filter: grayscale(1) brightness(.45); }
body:has(#hidden:checked) .photo { visibility: hidden; }
.card figcaption { padding: .8rem 1rem 1rem; display: grid; gap: .55rem; }
.card .target { display: flex; justify-content: space-between; gap: .25rem 1rem; flex-wrap: wrap; align-items: baseline; }
.card .target b { font-weight: 640; overflow-wrap: anywhere; }
.legend .ramp { height: .5rem; border-radius: 1rem; }
.legend .ends { display: flex; justify-content: space-between; gap: .5rem; margin-top: .15rem; }
.facts { overflow-wrap: anywhere; }

details { border-top: 1px solid var(--line); padding: .9rem 0; }
summary { cursor: pointer; font-weight: 600; }
details[open] summary { margin-bottom: .75rem; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .3rem 1.5rem; margin: 0; font-size: .92rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
code, pre { font: .88em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
details h3 { margin: 1.25rem 0 .5rem; font-size: 1rem; }
footer { padding-top: 1rem; padding-bottom: 3rem; }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

@media (max-width: 46rem) {
  .hero > figure { flex-basis: 100%; max-width: none; }
  html { scroll-padding-top: 0; }
  .controls { position: static; }
  .cards { grid-template-columns: minmax(0, 1fr); }
  dl { grid-template-columns: minmax(0, 1fr); }
  dd { margin-bottom: .4rem; }
}
@media (min-width: 46.01rem) and (max-width: 64rem) {
  .cards:not(.single) { grid-template-columns: repeat(2, minmax(0, 1fr)); }
}
@media print {
  .controls { display: none; }
  .card { break-inside: avoid; }
  .photo, .legend .ramp, .bars i, .bars .track { print-color-adjust: exact; }
}
`;

/** Without it everything is there but the slider. */
export const script = `
document.documentElement.classList.add('scripted');
const slider = document.getElementById('opacity');
const show = () => {
  document.documentElement.style.setProperty('--opacity', slider.value / 100);
  document.getElementById('opacity-value').textContent = slider.value + ' %';
};
slider.addEventListener('input', show);
show();
`;
