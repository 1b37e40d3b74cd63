/** What of a peer decides what it may have. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

// what the kernel shows for every id that this user namespace has no number for: it is nobody in particular
const UNMAPPED = 65_534;

/** True for root, and for whoever is in one of the groups with these numbers. */
export function mayHaveLogin({ uid, gid, groups }: Identity, allowed: readonly number[]): boolean {
  if (uid === 0) return true;
  return [gid, ...groups].some((id) => id !== UNMAPPED && allowed.includes(id));
}

/** The number of each named group in the text of /etc/group (group(5)); names that are not there have none. */
export function groupNumbers(groupFile: string, names: readonly string[]): readonly number[] {
  return groupFile.split("\n").flatMap((line) => {
    const [name = "", , number = ""] = line.split(":");
    return names.includes(name) && /^\d{1,10}$/.test(number) ? [Number(number)] : [];
  });
}
