/** The look of the HTML report: two sets of colours with a contrast of at least 4.5 to 1, and rows that wrap. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --back: #ffffff; --panel: #f6f7f9; --text: #1b1f24; --faint: #57606a; --line: #d5d9de;
  --good: #116329; --bad: #b3202c; --bar: #1f6feb; --bad-back: #fdf0f0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #14171a; --panel: #1d2125; --text: #e4e7ea; --faint: #a3acb5; --line: #3a4047;
    --good: #5fd07a; --bad: #ff8f8a; --bar: #6aa5ff; --bad-back: #2b1b1c;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 68rem;
  background: var(--back); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
h1 { font-size: 1rem; font-weight: 600; margin: 0; color: var(--faint); }
.verdict { font-size: 1.75rem; line-height: 1.25; font-weight: 650; margin: .15rem 0; overflow-wrap: anywhere; }
.facts, footer { color: var(--faint); margin: .2rem 0; }
section { border-top: 1px solid var(--line); margin-top: 2rem; padding-top: 1.25rem; }
h2 { font-size: 1.3rem; margin: 0; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 1.25rem 0 .4rem; }
a { color: var(--bar); }
table { width: 100%; border-collapse: collapse; margin: 1rem 0; }
caption { text-align: left; font-weight: 600; padding-bottom: .35rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--faint); font-weight: 500; font-size: .85rem; }
tbody th { font-weight: 550; white-space: nowrap; }
.checks tbody th { width: 7rem; }
.checks td:first-child { width: 2rem; }
.checks .number { width: 6rem; }
.summary { width: auto; margin-top: 1.5rem; }
.summary tbody th { white-space: normal; overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.found { overflow-wrap: anywhere; }
.speed { display: block; font-variant-numeric: tabular-nums; }
.when { width: 26%; padding-right: 0; }
svg { display: block; width: 100%; height: .7rem; margin-top: .4rem; border-radius: 2px; }
.track { fill: var(--panel); }
.bar { fill: var(--bar); }
tr.failed .bar { fill: var(--bad); }
tr.skipped td, tr.skipped th { color: var(--faint); font-weight: 400; }
.mark { display: inline-block; min-width: 1.1em; font-weight: 700; }
.passed.mark, .verdict.passed { color: var(--good); }
.failed.mark, .verdict.failed { color: var(--bad); }
.problem { background: var(--bad-back); border-left: .3rem solid var(--bad); padding: .75rem 1rem; margin: 1rem 0; border-radius: 0 4px 4px 0; }
.problem h3 { margin: 0 0 .4rem; overflow-wrap: anywhere; }
.code { color: var(--faint); font-weight: 500; font-size: .85rem; white-space: nowrap; }
dl { margin: 0; display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; }
dt { color: var(--faint); grid-column: 1; }
dd { margin: 0; grid-column: 2; overflow-wrap: anywhere; }
code { font: .9em/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre-wrap; }
.notes { margin: .25rem 0; padding-left: 1.25rem; overflow-wrap: anywhere; }
footer { border-top: 1px solid var(--line); margin-top: 2.5rem; padding-top: .5rem; font-size: .85rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 42rem) {
  .checks thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .checks, .checks tbody, .checks caption { display: block; }
  .checks tr { display: grid; grid-template-columns: auto 1fr auto; column-gap: .4rem; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  .checks td, .checks th { border: 0; padding: 0; width: auto; }
  .checks .found { grid-column: 2 / -1; grid-row: 2; }
  .checks .when { grid-column: 2 / -1; grid-row: 3; }
  .checks .number { grid-column: 3; grid-row: 1; }
  dl { display: block; }
  dd { margin: 0 0 .3rem; }
}
@media print { body { max-width: none; padding: 0; } .problem { break-inside: avoid; } }
`;
