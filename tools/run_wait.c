#include "run_wait.h"

#include "await.h"
#include "tool.h"
#include "trace.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 50     /* between two looks at what grows */
#define REST_MS 20     /* between two looks at what the program has left */
#define CLOSING_MS 300 /* for connections to end whose program has ended */
#define GRACE_MS 1000  /* for what goes on without it to begin a connection */
#define SAY_MS 2000    /* before it is said what is waited for */
#define KILL_MS 2000   /* from asking it to end to making it end */

/* The signals that came: how many, the newest, and whether the program has it already. */
static volatile sig_atomic_t came, newest, sent_by_terminal;

static void take(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (number == SIGCHLD)
        return;
    came++;
    newest = number;
    sent_by_terminal = info->si_code == SI_KERNEL; /* to the whole group: to the program, too */
}

static const int taken[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD};

void tool_wait_signals(void)
{
    struct sigaction action = {.sa_sigaction = take, .sa_flags = SA_SIGINFO}, before;
    sigset_t block;
    (void)sigemptyset(&block);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        const bool kept = taken[i] == SIGHUP || taken[i] == SIGQUIT; /* nohup wants to be left alone */
        if (kept && sigaction(taken[i], NULL, &before) == 0 && before.sa_handler == SIG_IGN)
            continue;
        (void)sigaction(taken[i], &action, NULL);
        (void)sigaddset(&block, taken[i]);
    }
    (void)sigprocmask(SIG_BLOCK, &block, NULL); /* they come while we wait, and at no other time */
}

void tool_wait_signals_default(void)
{
    struct sigaction now;
    sigset_t none;
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (sigaction(taken[i], NULL, &now) == 0 && now.sa_sigaction == take)
            (void)signal(taken[i], SIG_DFL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Until something happens, at most so long. */
static void rest_for(struct pollfd *ready, nfds_t n, int64_t ms)
{
    sigset_t none;
    const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)sigemptyset(&none);
    if (ppoll(ready, n, &time, &none) <= 0)
        for (nfds_t i = 0; i < n; i++)
            ready[i].revents = 0;
}

static void rest(int64_t ms)
{
    rest_for(NULL, 0, ms);
}

/* Takes in all that have ended; false: the program is among them. */
static bool reap(struct tool_wait *w)
{
    int status;
    pid_t pid;
    bool lives = true;
    while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0) {
        if ((w->trace && tool_trace_status(w->trace, pid, status)) || pid != w->child ||
            !(WIFEXITED(status) || WIFSIGNALED(status)))
            continue;
        w->status = status;
        lives = false;
    }
    return lives;
}

/* Not at each of a traced program's stops. */
static void look(struct tool_wait *w, int64_t now, bool last)
{
    if (!w->look || (!last && now - w->looked_ms < LOOK_MS))
        return;
    w->looked_ms = now;
    w->look(w->context);
}

static void signal_all(struct tool_wait *w, int number)
{
    tool_processes_find(&w->tree, getpid(), w->helpers);
    for (size_t i = w->tree.count; i--;)
        (void)kill(w->tree.pids[i], number);
}

/* What is killed may just have started something. */
static void kill_all(struct tool_wait *w)
{
    enum { ROUNDS = 50 };
    for (unsigned i = 0; i < ROUNDS; i++) {
        signal_all(w, SIGKILL);
        if (!w->tree.count)
            return;
        rest(REST_MS);
        (void)reap(w);
    }
}

/* The first is the program's; the second ends all. */
static void hand_on(struct tool_wait *w, int *handled)
{
    if (came == *handled)
        return;
    *handled = came;
    w->interrupted = true;
    if (came > 1)
        signal_all(w, SIGKILL);
    else if (!sent_by_terminal)
        (void)kill(w->child, newest);
}

static void wait_for_program(struct tool_wait *w, int *handled)
{
    const int64_t end = w->seconds ? tool_now_ms() + (int64_t)w->seconds * 1000 : INT64_MAX;
    int64_t ask = end;
    while (reap(w)) {
        const int64_t now = tool_now_ms();
        hand_on(w, handled);
        if (now >= ask) {
            signal_all(w, w->timed_out ? SIGKILL : SIGTERM);
            w->timed_out = true;
            ask = now + KILL_MS;
        }
        look(w, now, false);
        const int64_t until = ask - now;
        rest(w->look && until > LOOK_MS ? LOOK_MS : until > 3600000 ? 3600000 : until);
    }
}

/* What it has started is waited for as long as it has to do with networks; without it, what the kernel has still to
 * send. */
static bool goes_on(struct tool_wait *w, int64_t since_ms)
{
    tool_processes_find(&w->tree, getpid(), w->helpers);
    if (w->tree.count)
        return since_ms < GRACE_MS || tool_processes_talk(&w->tree);
    return w->network && since_ms < CLOSING_MS && tool_processes_network_is_busy(w->network);
}

/* Time is over for what it has started, too, and what does not heed that is killed. */
static void end_others(struct tool_wait *w, const int *handled)
{
    const int64_t end = tool_now_ms() + KILL_MS;
    w->timed_out = true;
    signal_all(w, SIGTERM);
    while (w->tree.count && came == *handled && tool_now_ms() < end) {
        rest(REST_MS);
        (void)reap(w);
        tool_processes_find(&w->tree, getpid(), w->helpers);
    }
    kill_all(w);
}

static void wait_for_others(struct tool_wait *w, int *handled, int64_t begun)
{
    const int64_t ended = tool_now_ms(), end = w->seconds ? begun + (int64_t)w->seconds * 1000 : INT64_MAX;
    bool said = false;
    for (int64_t now; (now = tool_now_ms()) < end && came == *handled && goes_on(w, now - ended);) {
        if (!said && now - ended > SAY_MS) {
            said = true;
            tool_complain(w->command,
                          ngettext_("%s has ended; waiting for %zu process that it has started: Ctrl-C ends the wait",
                                    "%s has ended; waiting for %zu processes that it has started: Ctrl-C ends the wait",
                                    w->tree.count),
                          w->program, w->tree.count);
        }
        look(w, now, false);
        rest(said ? LOOK_MS : REST_MS);
        (void)reap(w);
    }
    if (tool_now_ms() >= end)
        end_others(w, handled);
    if (came > 1)
        kill_all(w);
}

void tool_wait_for(struct tool_wait *w)
{
    int handled = 0;
    const int64_t begun = tool_now_ms();
    wait_for_program(w, &handled);
    if (came < 2)
        wait_for_others(w, &handled, begun);
    else
        kill_all(w);
    look(w, 0, true);
}

int tool_wait_worker(pid_t pid)
{
    const int before = came;
    int status = -1;
    pid_t ended = 0;
    while (pid > 0 && (ended = waitpid(pid, &status, WNOHANG)) == 0) {
        rest(LOOK_MS);
        if (came != before)
            (void)kill(pid, SIGKILL);
    }
    return ended == pid ? status : -1;
}

void tool_wait_beside(struct tool_wait *w)
{
    struct pollfd ready[] = {{.fd = w->process, .events = POLLIN}, {.fd = w->ready, .events = POLLIN}};
    const int64_t begun = tool_now_ms(), end = w->seconds ? begun + (int64_t)w->seconds * 1000 : INT64_MAX;
    for (int64_t now = begun; came == 0 && now < end && !ready[0].revents; now = tool_now_ms()) {
        rest_for(ready, 2, end - now < LOOK_MS ? end - now : LOOK_MS);
        if (w->look)
            w->look(w->context);
    }
    for (int64_t left = came ? 0 : CLOSING_MS; left > 0; left -= REST_MS)
        rest(REST_MS);
    look(w, 0, true);
}
