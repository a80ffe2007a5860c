/* What many connections have in common: counted as each is told, so that nothing is kept of a connection itself.
 *
 * A tally is a table of rows by key. It holds so many rows and no more; what finds no place is counted in `untold`, so
 * that the sums stay right. */
#ifndef WT_REPORT_OVERVIEW_H
#define WT_REPORT_OVERVIEW_H

#include "base/arena.h"
#include "wiretale/report.h"

struct wt_tally_row {
    uint64_t key;
    struct wt_span identity; /* what must be the same beside the key; may be empty */
    uint64_t count[3];       /* connections by enum wt_state */
    uint64_t last;           /* number of the connection that it was counted for last */
    const char *file;        /* the first connection's, by file and stream; connections come in any order */
    uint32_t stream;
    uint32_t file_number;
    uint32_t rank;    /* of what was counted of that connection, which this was */
    const void *what; /* what it is, as its tally has it */
};

struct wt_tally {
    struct wt_tally_row *rows;
    uint32_t *slots; /* a row's number and 1, by its key's hash; 0 is free */
    uint32_t count, capacity, mask;
    uint32_t limit;     /* rows */
    uint64_t untold[3]; /* connections by enum wt_state whose row found no place */
};

/* Why connections failed. */
enum wt_overview_why { WT_WHY_FINDING, WT_WHY_ALERT, WT_WHY_RESET, WT_WHY_CLOSED };
struct wt_overview_cause {
    uint8_t why;    /* enum wt_overview_why */
    uint8_t alert;  /* description */
    const char *id; /* of the fatal finding */
};

struct wt_overview_finding {
    const char *id;
    uint8_t severity;
};

struct wt_overview_server {
    struct wt_address address;
    struct wt_span name; /* SNI, cut to what a name can have; may be empty */
};

struct wt_overview_certificate {
    const char *subject; /* RFC 4514, shortened */
    const char *name;    /* the common name, else the first of its names; or NULL */
    int64_t not_after;
    int64_t seen; /* seconds: when it was last presented */
};

struct wt_overview {
    struct wt_arena arena;
    uint64_t told, count[3]; /* connections; by enum wt_state */
    uint64_t failed_later;   /* of the established ones */
    const char *file;        /* name of the one that connections come from now; NULL when it found no room */
    uint64_t file_hash;
    uint32_t files;
    uint32_t rank; /* how much was counted of the connection at hand */
    bool has_at;
    int64_t at;
    struct wt_tally causes, servers, versions, suites, groups, findings, certificates;
};

static inline uint64_t wt_tally_sum(const uint64_t count[3])
{
    return count[0] + count[1] + count[2];
}

/* The rows in the order in which they are told, as a list of wt_tally_row pointers that the caller frees; NULL when
 * there are none. */
typedef int wt_tally_order(const void *a, const void *b);
const struct wt_tally_row **wt_tally_sorted(const struct wt_tally *t, wt_tally_order *order);
/* Orders: most connections first; most failed first; gravest first; the fewest days left first. */
wt_tally_order wt_tally_by_count, wt_tally_by_failed, wt_tally_by_severity, wt_tally_by_days;

/* Whole days from when it was last seen (or from wt_overview_at()) to its end; negative when it is over. */
int64_t wt_overview_days(const struct wt_overview *o, const struct wt_overview_certificate *c);

#endif
