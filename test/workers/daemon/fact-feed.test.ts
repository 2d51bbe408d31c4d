import { expect } from "chai";
import { pino } from "pino";

import { createFactFeed } from "../../../workers/daemon/fact-feed.ts";
import { NO_JOB, type SubjectFact } from "../../../workers/daemon/journal/journal.ts";

const lost = (nonce: number): SubjectFact => ({ job: NO_JOB, fact: { kind: "lost", nonce } });

describe("the feed of facts", () => {
  it("tells every listener of every fact, in order", () => {
    const feed = createFactFeed(pino({ level: "silent" }));
    const heard: SubjectFact[] = [];
    feed.subscribe((fact) => heard.push(fact));
    feed.publish([lost(1), lost(2)]);
    feed.publish([lost(3)]);
    expect(heard).to.deep.equal([lost(1), lost(2), lost(3)]);
  });

  it("goes on when a listener throws, and says so", () => {
    const lines: string[] = [];
    const feed = createFactFeed(pino({ level: "error" }, { write: (line: string) => lines.push(line) }));
    const heard: SubjectFact[] = [];
    feed.subscribe(() => {
      throw new Error("a full disk");
    });
    feed.subscribe((fact) => heard.push(fact));
    feed.publish([lost(1)]);
    expect(heard).to.have.length(1);
    expect(lines.join("")).to.match(/a full disk/);
  });

  it("ends a subscription alone, even one of two of the same function", () => {
    const feed = createFactFeed(pino({ level: "silent" }));
    const heard: SubjectFact[] = [];
    const listener = (fact: SubjectFact): unknown => heard.push(fact);
    const unsubscribe = feed.subscribe(listener);
    feed.subscribe(listener);
    unsubscribe();
    unsubscribe();
    feed.publish([lost(1)]);
    expect(heard).to.deep.equal([lost(1)]);
  });
});
