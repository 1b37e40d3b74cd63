import fc from "fast-check";
import { expect, test } from "vitest";
import { createAdmission, type Ticket } from "../../src/daemon/admission.ts";

/** Enters, and remembers whose turn it is. */
function makeDoor(limits: { served: number; perUser: number; waiting: number; waitingPerUser?: number }) {
  const admission = createAdmission({ waitingPerUser: limits.waiting, ...limits });
  const serving: string[] = [];
  const enter = (name: string, user: number): Ticket | undefined => {
    const ticket = admission.enter(user);
    void ticket?.turn.then(() => serving.push(name));
    return ticket;
  };
  return { enter, serving };
}

const settled = async (): Promise<void> => new Promise((done) => void setImmediate(done));

test("who does not fit waits for a turn, and who does not fit into the line is refused", async () => {
  const { enter, serving } = makeDoor({ served: 2, perUser: 2, waiting: 1 });
  const first = enter("a", 1);
  enter("b", 2);
  expect(enter("c", 3)).toBeDefined();
  expect(enter("d", 4)).toBeUndefined();
  await settled();
  expect(serving).toEqual(["a", "b"]);
  first?.leave();
  await settled();
  expect(serving).toEqual(["a", "b", "c"]);
});

test("a user with a full share waits while others pass", async () => {
  const { enter, serving } = makeDoor({ served: 3, perUser: 2, waiting: 9 });
  const first = enter("a1", 1);
  enter("a2", 1);
  enter("a3", 1);
  enter("b1", 2);
  await settled();
  expect(serving).toEqual(["a1", "a2", "b1"]);
  first?.leave();
  await settled();
  expect(serving).toEqual(["a1", "a2", "b1", "a3"]);
});

test("two users together fill neither the places nor the line", async () => {
  const { enter, serving } = makeDoor({ served: 8, perUser: 4, waiting: 8, waitingPerUser: 3 });
  const tickets = Array.from({ length: 20 }, (_, index) => enter(`${index}`, index % 2));
  await settled();
  expect(serving).toEqual(["0", "1", "2", "3", "4", "5"]);
  expect(tickets.filter((each) => each !== undefined)).toHaveLength(12);
  enter("c", 3);
  enter("d", 4);
  const fifth = enter("e", 5);
  expect(fifth).toBeDefined();
  await settled();
  expect(serving.slice(6)).toEqual(["c", "d"]);
  tickets[0]?.leave();
  await settled();
  expect(serving.slice(8)).toEqual(["e"]);
});

test("one who leaves can make room for two", async () => {
  const { enter, serving } = makeDoor({ served: 4, perUser: 3, waiting: 9 });
  const first = enter("a1", 1);
  enter("b1", 2);
  enter("b2", 2);
  enter("b3", 2);
  enter("a2", 1);
  first?.leave();
  await settled();
  expect(serving).toEqual(["a1", "b1", "b2", "b3", "a2"]);
});

test("who gives up waiting gets no turn, and giving up twice takes nobody's place", async () => {
  const { enter, serving } = makeDoor({ served: 1, perUser: 1, waiting: 9 });
  const first = enter("a", 1);
  const second = enter("b", 2);
  enter("c", 3);
  enter("d", 4);
  second?.leave();
  second?.leave();
  first?.leave();
  first?.leave();
  await settled();
  expect(serving).toEqual(["a", "c"]);
});

test("never more than allowed are served, and in the end everybody in the line was", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.boolean()), { maxLength: 60 }),
      async (steps) => {
        const limits = { served: 5, perUser: 2, waiting: 100, waitingPerUser: 100 };
        const admission = createAdmission(limits);
        const serving: { user: number; ticket: Ticket }[] = [];
        let entered = 0;
        let done = 0;
        const leave = (): void => {
          const one = serving.shift();
          if (one !== undefined) done += 1;
          one?.ticket.leave();
        };
        for (const [user, leaves] of steps) {
          const ticket = admission.enter(user);
          if (ticket !== undefined) entered += 1;
          void ticket?.turn.then(() => serving.push({ user, ticket }));
          await settled();
          expect(serving.length).toBeLessThanOrEqual(limits.served);
          expect(serving.filter((one) => one.user === user).length).toBeLessThanOrEqual(limits.perUser);
          if (leaves) leave();
        }
        while (serving.length > 0) {
          leave();
          await settled();
        }
        expect(done).toBe(entered);
      },
    ),
    { numRuns: 50 },
  );
});
