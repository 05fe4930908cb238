/** A script that starts a child in each way there is to get away, and then ends as it is told. */
import { toldPython } from '../harness/app.ts'

/** Children asleep, all told: those of the shapes below. */
export const childrenOfTree = 6

export const tree = (path: string) =>
  toldPython(path, { token: { type: 'str' }, how: { type: 'str', default: 'wait' } }, treeBody)

const treeBody = `import signal, subprocess
token, quiet = args["token"], {"stdin": -3, "stdout": -3, "stderr": -3}
def daemon(environment):
    if os.fork(): return
    os.setsid()
    if os.fork(): os._exit(0)
    for fd in (0, 1, 2): os.dup2(os.open("/dev/null", os.O_RDWR), fd)
    os.execve("/bin/sleep", ["sleep", token], environment)
subprocess.Popen(["sleep", token])
subprocess.Popen(["sleep", token], **quiet, start_new_session=True)
subprocess.Popen(["sleep", token], **quiet, start_new_session=True, env={})
daemon(os.environ)
daemon({})
ignoring = lambda: [signal.signal(one, signal.SIG_IGN) for one in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)]
subprocess.Popen(["sleep", token], preexec_fn=ignoring)
how = args["how"]
if how == "ignore": ignoring()
if how != "leave at once": time.sleep(0.4)
print("up", flush=True)
if how.startswith("leave"): os._exit(0)
if how == "kill the group": os.killpg(0, signal.SIGKILL)
if how == "stop": os.kill(os.getpid(), signal.SIGSTOP)
time.sleep(60)`

/**
 * Its processes leave session, output and environment before anybody looks. `grown`: each of them has come so far or has
 * been killed, since none holds the writing end of the pipe any more.
 */
export const forkBomb = `def bomb(depth):
    os.setsid()
    for fd in (0, 1, 2): os.dup2(os.open("/dev/null", os.O_RDWR), fd)
    if depth < 6:
        for _ in range(2):
            if os.fork() == 0: bomb(depth + 1)
    if depth < 6: os._exit(0)
    os.execve("/bin/sleep", ["sleep", args["token"]], {})
reading, writing = os.pipe()
if os.fork() == 0: bomb(0)
os.close(writing)
os.read(reading, 1)
print("grown", flush=True)
time.sleep(30)`
