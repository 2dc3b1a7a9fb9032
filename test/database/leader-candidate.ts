import { once } from 'node:events';
import { connect } from '../../src/database/connection.js';
import { LeaderLock } from '../../src/database/leader-lock.js';

/** `leader-candidate.ts URL`: wants to be the leader until it is killed; prints a line whenever it becomes or stops being it. */
const [url] = process.argv.slice(2);
const lock = new LeaderLock(() => connect(url), { pollMs: 50, answerMs: 2_000 });
lock.start();
let told: boolean | null = null;
const timer = setInterval(() => {
  if (lock.isLeader !== told) process.stdout.write(`${JSON.stringify({ leads: lock.isLeader })}\n`);
  told = lock.isLeader;
}, 10);
await once(process, 'SIGTERM');
clearInterval(timer);
await lock.stop();
