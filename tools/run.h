/* A run: between run.c, which starts and ends it, and run_report.c, which tells of it. */
#ifndef WIRETALE_TOOL_RUN_H
#define WIRETALE_TOOL_RUN_H

#include "file.h"
#include "probe.h"
#include "read.h"
#include "run_child.h"
#include "run_folder.h"
#include "run_keys.h"
#include "run_network.h"
#include "run_pid.h"
#include "run_resolver.h"
#include "run_sift.h"
#include "run_told.h"
#include "run_wait.h"
#include "run_watch.h"
#include "trace.h"

enum { TOOL_RUN_FAILED = 125 }; /* as env and timeout say it */

enum tool_run_way { TOOL_RUN_BLIND, TOOL_RUN_ISOLATED, TOOL_RUN_BESIDE };

struct tool_run {
    /* asked for */
    bool isolate, beside, untraced, redact;
    struct tool_words forward;
    uint64_t seconds;
    const char *keep, *write, *output;
    struct tool_target target; /* of --pid; its pid is 0 where a program is started */
    struct tool_reading *reading;
    const char *program;
    /* while it runs */
    enum tool_run_way way;
    struct tool_folder folder, drop;
    struct tool_run_keys keys;
    struct tool_child child;
    char *resolver;
    struct tool_pasta pasta;
    struct tool_recorder recorder;
    struct tool_watch watch;
    struct tool_trace *trace;   /* NULL: there are no breakpoints */
    const char *no_trace;       /* and then, what is said of a connection that stays shut */
    struct tool_probes *probes; /* NULL: there are none */
    char keyless[512];          /* why not, where a process is listened to that was there before */
    int64_t since_ns;           /* since when it is */
    pid_t helpers[4];
    char *marks[10], *packets; /* by which its processes are known when all else of it is dead */
    bool ended;                /* the program was there */
    /* afterwards */
    struct tool_watch_report watched;
    struct tool_recorder_report recorded;
    struct tool_sift sift;
    struct tool_owners *owners;
    uint64_t keys_lost;
    struct tool_words nameless; /* programs whose TLS is inside, and stripped of names */
    struct tool_words held;     /* programs where another's probe is in our place */
    struct tool_told told;
    struct tool_file report, capture; /* files that were asked for */
    int story, summary;               /* where both are kept until they are shown */
};

/* All is read that was written down: it is kept or removed, and from here on signals end wiretale as any program. False
 * with the reason printed. */
bool tool_run_leave(struct tool_run *run);
/* The program or library of that path (NULL: none) has TLS inside, and nothing by which its keys are found. */
void tool_run_nameless(struct tool_run *run, const char *path);

/* ---- run_report.c */

/* Before the options are read. */
void tool_run_report_prepare(struct tool_run *run);
/* When they were: false for a usage error, which is said. */
bool tool_run_report_settle(struct tool_run *run);
/* The files that are written at the end; false with the reason printed. */
bool tool_run_report_open(struct tool_run *run);
/* The story, and what is said of it; into *status comes what it was not before. */
void tool_run_report(struct tool_run *run, int *status);
void tool_run_report_close(struct tool_run *run);

#endif
