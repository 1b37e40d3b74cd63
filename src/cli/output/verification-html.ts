import type { Problem } from "../../findings/problem.ts";
import { showBytes } from "../../smoke/size.ts";
import type { Check, VerificationEntry, VerificationReport, VerificationRun, WayReport } from "../../smoke/report.ts";
import { html, raw, type Markup } from "./html.ts";
import { STYLE } from "./verification-style.ts";

/** A page of its own: no script, nothing from any network, readable in print, in the dark and on a narrow screen. */
export function verificationHtml(run: VerificationRun): string {
  const bad = run.entries.filter(isBad).length;
  const verdict = bad === 0 ? "All work" : `${bad} of ${run.entries.length} ${bad === 1 ? "does" : "do"} not work`;
  const title = `${verdict} from ${run.hostname}`;
  const csp = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${csp}" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <title>Registries: ${title}</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>${run.entries.length === 1 ? "Registry" : "Registries"} verified</h1>
          <p class="verdict ${bad === 0 ? "passed" : "failed"}">${mark(bad === 0 ? "passed" : "failed")} ${title}</p>
          <p class="facts">
            begun <time datetime="${run.startedAt}">${showTime(run.startedAt)}</time>, took ${showMs(run.took)}
          </p>
        </header>
        <main>${run.entries.length > 1 ? summary(run.entries) : ""} ${run.entries.map(entrySection)}</main>
        <footer><p>Written by regclient verify.</p></footer>
      </body>
    </html> `.text;
}

function isBad(entry: VerificationEntry): boolean {
  return "problem" in entry || !entry.report.ok;
}

function summary(entries: readonly VerificationEntry[]): Markup {
  const rows = entries.map((entry, index) => {
    const status = isBad(entry) ? "failed" : "passed";
    const ways = "report" in entry ? entry.report.ways.map(({ via }) => via).join(", ") : "none";
    return html`<tr class="${status}">
      <td>${mark(status)}</td>
      <th scope="row"><a href="#registry-${index + 1}">${entry.registry}</a></th>
      <td>${ways}</td>
    </tr> `;
  });
  return html`<table class="summary">
    <caption>
      Registries
    </caption>
    <thead>
      <tr>
        <th scope="col"><span class="hidden">Result</span></th>
        <th scope="col">Registry</th>
        <th scope="col">Ways</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

function entrySection(entry: VerificationEntry, index: number): Markup {
  const id = `registry-${index + 1}`;
  const status = isBad(entry) ? "failed" : "passed";
  const facts = "report" in entry ? html`<p class="facts">${describeMode(entry.report)}</p>` : html``;
  const body = "report" in entry ? reportBody(entry.report) : problemBox("settings", entry.problem);
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${mark(status)} ${entry.registry}</h2>
    ${facts} ${body}
  </section> `;
}

function describeMode({ mode }: VerificationReport): string {
  const modes = {
    login: "as far as the login",
    pull: "by pulling",
    light: "as far as the right to push",
    "push-pull": "by pushing and pulling",
  };
  return `Verified ${modes[mode]}.`;
}

function reportBody(report: VerificationReport): Markup {
  const ends = report.ways.flatMap(({ checks }) => checks.map(({ at, took }) => at + took));
  const end = Math.max(1, ...ends);
  const notes = report.notes.map((note) => html`<li>${note}</li> `);
  return html`${report.ways.map((way) => waySection(way, end))}
  ${
    notes.length === 0
      ? ""
      : html`<h3>Notes</h3>
          <ul class="notes">
            ${notes}
          </ul>`
  }`;
}

// with its roles written out, a table stays one to a screen reader where a narrow window lays it out anew
function waySection({ via, checks }: WayReport, end: number): Markup {
  const bad = checks.flatMap(({ name, problem }) => (problem === undefined ? [] : [problemBox(name, problem)]));
  return html`<table class="checks" role="table">
      <caption>
        ${VIAS.get(via) ?? via}
      </caption>
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col"><span class="hidden">Result</span></th>
          <th role="columnheader" scope="col">Step</th>
          <th role="columnheader" scope="col">Found</th>
          <th role="columnheader" scope="col" class="number">Time</th>
          <th role="columnheader" scope="col" class="when">When, of ${showMs(end)}</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${checks.map((check) => checkRow(check, end))}
      </tbody>
    </table>
    ${bad}`;
}

const VIAS: ReadonlyMap<string, string> = new Map([
  ["direct", "Directly"],
  ["docker", "Through the Docker Engine"],
  ["podman", "Through podman"],
  ["skopeo", "Through skopeo"],
  ["buildah", "Through buildah"],
  ["containerd", "Through containerd (ctr)"],
]);

function checkRow(check: Check, end: number): Markup {
  const { name, status, took, at, detail, transfer } = check;
  const speed =
    transfer === undefined
      ? ""
      : html` <strong class="speed"
          >${showBytes(transfer.bytes)} in ${showMs(transfer.ms)}: ${transfer.mbPerSecond} MB/s</strong
        >`;
  const time = status === "skipped" ? html`<span class="hidden">not run</span>` : html`${showMs(took)}`;
  const bar =
    status === "skipped"
      ? html``
      : html`<svg
          viewBox="0 0 1000 10"
          preserveAspectRatio="none"
          role="img"
          aria-label="from ${showMs(at)} to ${showMs(at + took)}"
        >
          <rect class="track" width="1000" height="10" />
          <rect class="bar" x="${share(at, end)}" width="${Math.max(share(took, end), 4)}" height="10" />
        </svg>`;
  return html`<tr role="row" class="${status}">
    <td role="cell">${mark(status)}</td>
    <th role="rowheader" scope="row">${name}</th>
    <td role="cell" class="found">${detail}${speed}</td>
    <td role="cell" class="number">${time}</td>
    <td role="cell" class="when">${bar}</td>
  </tr> `;
}

function problemBox(step: string, { code, summary, cause, evidence, fix }: Problem): Markup {
  const list = (title: string, lines: readonly string[]) =>
    lines.length === 0
      ? html``
      : html`<dt>${title}</dt>
          ${lines.map((line) => html`<dd><code>${line}</code></dd>`)} `;
  return html`<article class="problem" aria-label="Finding ${code}">
    <h3>${step}: ${summary} <span class="code">${code}</span></h3>
    <dl>
      <dt>Cause</dt>
      <dd>${cause}</dd>
      ${list("Seen", evidence)}${list("Fix", fix)}
    </dl>
  </article> `;
}

function mark(status: Check["status"]): Markup {
  const marks = { passed: ["✓", "passed"], failed: ["✗", "failed"], skipped: ["–", "skipped"] } as const;
  const [sign, word] = marks[status];
  return html`<span class="mark ${status}" aria-hidden="true">${sign}</span><span class="hidden">${word}</span>`;
}

function share(part: number, whole: number): number {
  return Math.min(1000, Math.round((part / whole) * 1000));
}

function showMs(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}

function showTime(iso: string): string {
  return iso.replace("T", " ").replace(/\.\d+Z$/, " UTC");
}
