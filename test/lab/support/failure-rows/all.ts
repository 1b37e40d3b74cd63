import { answerRows } from "./answer.ts";
import { authorityRows } from "./authority.ts";
import { certificateRows } from "./certificate.ts";
import { directoryRows } from "./directory.ts";
import { engineRows } from "./engine.ts";
import { handshakeRows } from "./handshake.ts";
import { loginRows } from "./login.ts";
import { networkRows } from "./network.ts";
import { replicaRows } from "./replica.ts";
import { storedRows } from "./stored.ts";
import { transferRows } from "./transfer.ts";
import type { FailureRow } from "./row.ts";

/** From the ground up; the engine, which is started for them, last. */
export const failureRows: readonly FailureRow[] = [
  ...networkRows,
  ...handshakeRows,
  ...certificateRows,
  ...authorityRows,
  ...directoryRows,
  ...answerRows,
  ...loginRows,
  ...transferRows,
  ...replicaRows,
  ...storedRows,
  ...engineRows,
];
