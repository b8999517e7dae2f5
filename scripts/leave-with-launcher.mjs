// Loaded first in every program that scripts/child.ts starts: its channel to the launcher closes when that one is gone,
// however it went (kill -9 too), and the program then comes to its end as if it had been told to.
const STOP_TIMEOUT_MS = 40_000;

process.channel?.unref();
if (process.connected) process.once('disconnect', leave);
else leave();

function leave() {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), STOP_TIMEOUT_MS).unref();
  process.kill(process.pid, 'SIGTERM');
}
