/* Reads the files of this directory (README.md). */
#ifndef WT_TESTS_RFC8448_TRACE_H
#define WT_TESTS_RFC8448_TRACE_H

#include "base/buffer.h"

enum { TRACE_STEPS = 80, TRACE_FIELDS = 8, TRACE_NAME = 24 };

struct trace_field {
    char name[TRACE_NAME];
    struct wt_buffer bytes;
    bool used;
};

struct trace_step {
    unsigned line;         /* from 1 */
    unsigned side;         /* enum wt_side */
    char what[TRACE_NAME]; /* "derive" */
    char of[TRACE_NAME];   /* "c hs traffic", or empty */
    struct trace_field fields[TRACE_FIELDS];
    size_t count;
};

struct trace {
    struct trace_step steps[TRACE_STEPS];
    size_t count;
};

/* Ends the test when the file is not what it has to be. */
struct trace *trace_read(const char *folder, const char *name);
void trace_free(struct trace *trace);

/* NULL when the step has none of that name. */
struct trace_field *trace_field(struct trace_step *step, const char *name);

#endif
