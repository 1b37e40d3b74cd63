import { reveal, secret } from "./secret.ts";
import type { SecretStore } from "./secret-store.ts";

const SERVICE = "regclient";
const TIMEOUT_MS = 5000;

/**
 * The OS keychain: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows. Every call ends within
 * five seconds: a locked keyring waits for a person who may not be there.
 */
export function createKeychain(): SecretStore {
  return {
    store: (item, value, signal) => bounded(signal, async (keytar) => keytar.setPassword(SERVICE, item, reveal(value))),
    read: async (item, signal) => {
      const value = await bounded(signal, async (keytar) => keytar.getPassword(SERVICE, item));
      return value === null ? undefined : secret(value);
    },
    discard: async (item, signal) => {
      await bounded(signal, async (keytar) => keytar.deletePassword(SERVICE, item));
    },
  };
}

type Keytar = typeof import("keytar");

async function bounded<T>(signal: AbortSignal, call: (keytar: Keytar) => Promise<T>): Promise<T> {
  refuseWithoutSession();
  // an aborted signal fires no event any more: what is undone after Ctrl-C still gets its five seconds
  const limit = signal.aborted
    ? AbortSignal.timeout(TIMEOUT_MS)
    : AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const stopped = new Promise<never>((_, reject) => {
    limit.addEventListener("abort", () => reject(new Error("the keychain did not answer; it may be locked")), {
      once: true,
    });
  });
  return Promise.race([loadKeytar().then(call), stopped]);
}

/** Looking for a bus that cannot be there, GLib makes a ~/.cache: a host must not change by being asked. */
function refuseWithoutSession(): void {
  const signs = ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY"];
  if (process.platform === "linux" && !signs.some((name) => process.env[name]))
    throw new Error("there is no session bus: DBUS_SESSION_BUS_ADDRESS and XDG_RUNTIME_DIR are not set");
}

/** Loaded only when needed: the native module links libsecret, which a server may not have. */
async function loadKeytar(): Promise<Keytar> {
  return (await import("keytar")).default;
}
