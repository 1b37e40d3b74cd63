/** How many are served at once and how many more may wait, and of both, how many one user may be. */
export interface AdmissionLimits {
  readonly served: number;
  readonly perUser: number;
  readonly waiting: number;
  readonly waitingPerUser: number;
}

/** A place among those who are served, or in the line before it. */
export interface Ticket {
  /** Settles when it is this one's turn. */
  readonly turn: Promise<void>;
  /** Gives the place up, whichever it is. */
  leave(): void;
}

/** Who is let in. */
export interface Admission {
  /** undefined: the line is full, or this user's share of it. */
  enter(user: number): Ticket | undefined;
}

interface Place {
  readonly user: number;
  readonly begin: () => void;
}

/**
 * First come, first served, but for two things: a user who has a full share waits, and others pass; and the last quarter
 * of the places is for users who have none yet. So neither one user nor a few together, with however many slow
 * connections, keep another one out.
 */
export function createAdmission(limits: AdmissionLimits): Admission {
  const line: Place[] = [];
  const serving = new Map<number, Set<Place>>();
  let served = 0;
  const open = limits.served - Math.floor(limits.served / 4);
  const hasRoom = ({ user }: Place): boolean => {
    const mine = serving.get(user)?.size ?? 0;
    return served < (mine === 0 ? limits.served : open) && mine < limits.perUser;
  };
  const begin = (place: Place): void => {
    serving.set(place.user, (serving.get(place.user) ?? new Set()).add(place));
    served++;
    place.begin();
  };
  const leave = (place: Place): void => {
    const mine = serving.get(place.user);
    if (mine?.delete(place) !== true) return void line.splice(line.indexOf(place), line.includes(place) ? 1 : 0);
    served--;
    if (mine.size === 0) serving.delete(place.user);
    for (let next = line.findIndex(hasRoom); next >= 0; next = line.findIndex(hasRoom)) {
      for (const moved of line.splice(next, 1)) begin(moved);
    }
  };
  const mayWait = (user: number): boolean =>
    line.length < limits.waiting && line.filter((other) => other.user === user).length < limits.waitingPerUser;
  return {
    enter: (user) => {
      const { promise: turn, resolve } = Promise.withResolvers<void>();
      const place = { user, begin: resolve };
      if (hasRoom(place)) begin(place);
      else if (mayWait(user)) line.push(place);
      else return undefined;
      return { turn, leave: () => leave(place) };
    },
  };
}
