import { expect, test } from "vitest";
import { catalogue } from "../src/findings/catalogue.ts";
import { failureRows } from "./lab/support/failure-rows/all.ts";
import { knownFailures } from "./lab/support/failure-rows/known.ts";
import type { FailureRow } from "./lab/support/failure-rows/row.ts";

const introduction = `# Failures, as users see them

Each is made with real servers in the lab, then mended: nginx, docker-registry, dockerd, podman, a token server
(\`test/lab/failures.test.ts\`). \`regclient doctor\`, or \`verify\` where it takes a whole push, must give the finding that
stands here and no other, and after mending none. \`regclient explain CODE\` tells the same as the page.

This page is made from the rows of that suite: \`vitest run --project unit test/failures-page.test.ts -u\`.
`;

const limits = `## What cannot be had here

Docker Hub's own limits (nginx answers 429 in their place), Docker Desktop, rootless engines (an alias to loopback stands in),
a path whose MTU is too small (a server that accepts and stays silent stands in), buildx, containerd 2 with crictl, engines
of version 29 with the containerd image store, and another clock on the host itself (certificates and the server's
\`Date\` are off instead). The helpers for the Secret Service and for pass are stand-ins that are only looked for.
`;

test("docs/failures.md tells what the lab breaks", async () => {
  const broken = failureRows.filter(({ code }) => code !== "");
  const fine = failureRows.filter(({ code }) => code === "");
  const page = [
    introduction,
    "| what is seen | why | finding |\n|---|---|---|",
    ...broken.map((row) => `| ${cell(row.symptom)} | ${cell(row.title)} | ${link(row.code)} |`),
    "\n`!` is a warning: it works, and somebody should see to it.\n",
    "No fault, and nothing is found:\n",
    ...fine.map(({ title }) => `- ${title}`),
    "\n## The well-known ones\n\n| | what is seen | finding |\n|---|---|---|",
    ...knownFailures.map(([symptom, missing], index) => {
      const found =
        missing ??
        codesOf(index + 1)
          .map(link)
          .join(", ");
      return `| ${index + 1} | ${cell(symptom)} | ${found} |`;
    }),
    `\n${limits}`,
  ].join("\n");
  await expect(page).toMatchFileSnapshot("../docs/failures.md");
});

test("every well-known failure is made, or it is said why not", () => {
  const open = knownFailures.flatMap(([, missing], index) =>
    (missing === undefined) === codesOf(index + 1).length > 0 ? [] : [index + 1],
  );
  expect(open).toEqual([]);
});

test("every row names a finding that there is, and its own title", () => {
  const unknown = failureRows.filter(({ code }) => code !== "" && !(bare(code) in catalogue));
  expect(unknown).toEqual([]);
  expect(new Set(failureRows.map(({ title }) => title)).size).toBe(failureRows.length);
});

function codesOf(known: number): readonly FailureRow["code"][] {
  return [...new Set(failureRows.filter((row) => row.known === known && row.code !== "").map(({ code }) => code))];
}

function link(code: string): string {
  return `${code.startsWith("!") ? "! " : ""}[${bare(code)}](findings/${bare(code)}.md)`;
}

function bare(code: string): string {
  return code.replace("!", "");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
