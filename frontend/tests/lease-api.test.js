import assert from "node:assert/strict";
import { test } from "node:test";
import { LeaseApi } from "../src/player/lease-api.js";

function answering(...answers) {
  const calls = [];
  const fetch = async (url, request) => {
    calls.push({ url, headers: request.headers, body: request.body && JSON.parse(request.body), keepalive: request.keepalive });
    const next = answers.shift();
    if (next instanceof Error) throw next;
    return { status: next.status, json: async () => next.body ?? JSON.parse("") };
  };
  return { calls, fetch };
}

test("a lease is asked for with the page's token and its enrolment", async () => {
  const { calls, fetch } = answering({ status: 201, body: { lease_id: "x" } });
  const api = new LeaseApi({ fetch, csrf: "token" });
  assert.deepEqual(await api.open("l", "e"), { kind: "opened", lease: { lease_id: "x" } });
  assert.deepEqual([calls[0].url, calls[0].headers["X-CSRFToken"], calls[0].body], ["/api/v1/leases", "token", { lecture_id: "l", enrolment_id: "e" }]);
});

test("a token that a new sign-in made stale is read again, once", async () => {
  const { calls, fetch } = answering({ status: 400, body: { code: "csrf" } }, { status: 201, body: {} });
  const api = new LeaseApi({ fetch, csrf: "old", readToken: async () => "new" });
  assert.equal((await api.open("l")).kind, "opened");
  assert.deepEqual(calls.map((call) => call.headers["X-CSRFToken"]), ["old", "new"]);
});

test("no token to be had means that nobody is signed in", async () => {
  const { fetch } = answering({ status: 400, body: { code: "csrf" } });
  assert.deepEqual(await new LeaseApi({ fetch, csrf: "old", readToken: async () => null }).open("l"), { kind: "sign-in" });
});

for (const [answer, outcome] of [
  [{ status: 401, body: {} }, "sign-in"],
  [{ status: 404, body: { detail: "没有" } }, "refused"],
  [{ status: 429, body: {} }, "failed"],
  [{ status: 503 }, "failed"],
  [new TypeError("network"), "failed"],
  [{ status: 201 }, "failed"],
]) {
  test(`opening: ${answer.status ?? answer.message}${answer.body ? "" : ", broken off,"} is ${outcome}`, async () => {
    assert.equal((await new LeaseApi({ ...answering(answer), csrf: "t" }).open("l")).kind, outcome);
  });
}

test("a beat carries what the answer before gave, under its own lease and while it was answered", async () => {
  const { calls, fetch } = answering({ status: 200, body: { carry: "one" } }, { status: 200, body: { carry: "two" } }, new TypeError("network"), { status: 200, body: {} });
  const beacons = [];
  const api = new LeaseApi({ fetch, sendBeacon: (_url, blob) => beacons.push(blob) });
  await api.beat("a", { seq: 1 });
  await api.beat("a", { seq: 2 });
  api.farewell("a", { seq: 3 });
  await api.beat("b", { seq: 1 });
  await api.beat("a", { seq: 3 });
  assert.deepEqual(calls.map((call) => call.body.carry), [undefined, "one", undefined, undefined]);
  assert.deepEqual(await Promise.all(beacons.map(async (blob) => JSON.parse(await blob.text()))), [{ seq: 3, carry: "two" }]);
});

for (const [answer, outcome] of [
  [{ status: 200, body: {} }, "credited"],
  [{ status: 410, body: {} }, "over"],
  [{ status: 404, body: {} }, "over"],
  [{ status: 429, body: {} }, "failed"],
  [{ status: 500 }, "failed"],
  [{ status: 200 }, "failed"],
  [{ status: 404 }, "over"],
  [new TypeError("network"), "failed"],
]) {
  test(`a beat: ${answer.status ?? answer.message}${answer.body ? "" : ", broken off,"} is ${outcome}`, async () => {
    assert.equal((await new LeaseApi(answering(answer)).beat("one", {})).kind, outcome);
  });
}

test("a farewell is a beacon of JSON, and a request that outlives the page where beacons are refused", async () => {
  const beacons = [];
  const { calls, fetch } = answering({ status: 200, body: {} });
  const body = { seq: 1 };
  new LeaseApi({ fetch, sendBeacon: (url, blob) => beacons.push([url, blob.type]) > 0 }).farewell("one", body);
  assert.deepEqual([beacons, calls], [[["/api/v1/leases/one/beats", "application/json"]], []]);
  new LeaseApi({ fetch, sendBeacon: () => false }).farewell("one", body);
  assert.deepEqual([calls[0].keepalive, calls[0].body], [true, body]);
});

for (const [answer, came] of [[{ status: 200 }, true], [{ status: 403 }, false], [new TypeError("network"), false]]) {
  test(`the lease's playlist: ${answer.status ?? answer.message} ${came ? "came" : "has to be fetched again"}`, async () => {
    const { calls, fetch } = answering(answer);
    assert.equal(await new LeaseApi({ fetch }).fetchPlaylist("/media/a/master.m3u8?lease=m"), came);
    assert.equal(calls[0].url, "/media/a/master.m3u8?lease=m");
  });
}

test("a check of presence is answered under its lease", async () => {
  const { calls, fetch } = answering({ status: 200, body: { presence: null } }, { status: 410, body: {} }, { status: 503 });
  const api = new LeaseApi({ fetch });
  const kinds = [];
  for (let turn = 0; turn < 3; turn += 1) kinds.push((await api.presence("one", { id: "c", answer: "A" })).kind);
  assert.deepEqual([calls[0].url, calls[0].body], ["/api/v1/leases/one/presence", { id: "c", answer: "A" }]);
  assert.deepEqual(kinds, ["answered", "over", "failed"]);
});
