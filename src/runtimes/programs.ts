/** Programs that have to be run once files have changed, by the names the journal knows them by: no other is ever run. */
export const PROGRAM_IDS = ["update-ca-certificates", "update-ca-certificates --fresh", "update-ca-trust"] as const;
/** One of them. */
export type ProgramId = (typeof PROGRAM_IDS)[number];

/** What is run after the files are written, and what is run after they are put back. Running either again does no harm. */
export const programs: Readonly<
  Record<ProgramId, { readonly argv: readonly string[]; readonly undo: readonly string[] }>
> = {
  "update-ca-certificates": { argv: ["update-ca-certificates"], undo: ["update-ca-certificates", "--fresh"] },
  "update-ca-certificates --fresh": {
    argv: ["update-ca-certificates", "--fresh"],
    undo: ["update-ca-certificates", "--fresh"],
  },
  "update-ca-trust": { argv: ["update-ca-trust", "extract"], undo: ["update-ca-trust", "extract"] },
};
