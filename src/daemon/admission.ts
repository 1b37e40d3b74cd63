/** How many are served at once, how many of them one user may be, and how many more may wait. */
export interface AdmissionLimits {
  readonly served: number;
  readonly perUser: number;
  readonly waiting: number;
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
  /** undefined: the line is full. */
  enter(user: number): Ticket | undefined;
}

interface Place {
  readonly user: number;
  readonly begin: () => void;
}

/**
 * First come, first served, but for one thing: a user who has a full share waits, and others pass. So no user, with
 * however many slow connections, keeps another one out.
 */
export function createAdmission(limits: AdmissionLimits): Admission {
  const line: Place[] = [];
  const serving = new Set<Place>();
  const hasRoom = ({ user }: Place): boolean => {
    if (serving.size >= limits.served) return false;
    return [...serving].filter((other) => other.user === user).length < limits.perUser;
  };
  const begin = (place: Place): void => {
    serving.add(place);
    place.begin();
  };
  const leave = (place: Place): void => {
    if (!serving.delete(place)) return void line.splice(line.indexOf(place), line.includes(place) ? 1 : 0);
    const next = line.findIndex(hasRoom);
    for (const moved of next < 0 ? [] : line.splice(next, 1)) begin(moved);
  };
  return {
    enter: (user) => {
      const { promise: turn, resolve } = Promise.withResolvers<void>();
      const place = { user, begin: resolve };
      if (hasRoom(place)) begin(place);
      else if (line.length < limits.waiting) line.push(place);
      else return undefined;
      return { turn, leave: () => leave(place) };
    },
  };
}
