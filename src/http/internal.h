/* What the files of src/http share. http.c decides what a side speaks, keeps the list and the order between the sides;
 * http1.c, http2.c and the files of http3.h read one side's bytes and write into the list; http1_head.c reads one
 * header block, http_fields.c takes the fields of others. */
#ifndef WT_HTTP_INTERNAL_H
#define WT_HTTP_INTERNAL_H

#include "base/buffer.h"
#include "http/http.h"

enum wt_http_mode {
    WT_HTTP_UNDECIDED, /* first bytes are awaited, or the next message's after a gap */
    WT_HTTP_FOREIGN,   /* its first bytes are not HTTP's; passed over until the other side is known too */
    WT_HTTP_ONE,
    WT_HTTP_TWO,
    WT_HTTP_THREE, /* by QUIC's streams: http3.h */
    WT_HTTP_OFF,   /* nothing of it is looked at any more */
};

/* Where a piece came from. */
struct wt_http_at {
    uint32_t frame;
    struct wt_time time;
};

/* One exchange. HTTP/1 matches by order: the nth request and the nth final answer share the nth node, and whichever
 * side comes first makes it. HTTP/2 matches by stream. */
struct wt_http_node {
    struct wt_exchange x;
    struct wt_http_node *next;       /* in the order of the list */
    struct wt_http_node *chain;      /* HTTP/2: open streams of the same bucket */
    struct wt_http_node *next_reset; /* HTTP/2: the one that was reset after it */
    uint64_t order;                  /* what the list is sorted by: 0 for HTTP/1; see http2.c, http3_streams.c */
    bool kept;                       /* false: over the limit, followed for the order's sake alone */
    bool asked, answered;            /* the request's, the final answer's header was read */
    bool head;                       /* the method is HEAD: the answer has no body whatever its header says */
    bool connects, offers;           /* the method is CONNECT; the request has an Upgrade field */
    bool ended[2];                   /* HTTP/2: END_STREAM of that side */
    bool aborted;                    /* HTTP/2: RST_STREAM of either */
    bool open;                       /* HTTP/2: in a bucket */
};

enum wt_http1_state {
    WT_HTTP1_START, /* between messages, or in the header block */
    WT_HTTP1_LENGTH,
    WT_HTTP1_CHUNK_SIZE,
    WT_HTTP1_CHUNK_EXTENSION,
    WT_HTTP1_CHUNK_DATA,
    WT_HTTP1_CHUNK_END,
    WT_HTTP1_TRAILER,
    WT_HTTP1_UNTIL_CLOSE,
};

/* One side of HTTP/1. */
struct wt_http1 {
    uint8_t state;
    bool digits;               /* of the chunk's size, at least one was read */
    bool blank;                /* the line so far is a CR alone */
    bool align;                /* after a gap: the next message finds its partner by time, not by order */
    uint32_t line;             /* bytes of the line so far, in a header or trailer */
    uint32_t lines;            /* bytes of the whole header, trailer or chunk extension so far */
    uint64_t left;             /* bytes of the body or chunk to come; the chunk's size while it is read */
    struct wt_buffer head;     /* a header block that comes in several pieces */
    struct wt_http_node *node; /* whose message this is */
    struct wt_http_node *bet;  /* client: a request after which another protocol may follow */
};

struct wt_http2;
struct wt_http3;

struct wt_http_side {
    uint8_t mode;              /* enum wt_http_mode */
    bool late;                 /* bytes before were lost: its start may be in the middle of a message */
    bool resumes;              /* it spoke HTTP/1 before, or its partner does: only HTTP/1 is looked for */
    bool ended, finished;      /* nothing more comes; and all of it has been read */
    bool alone;                /* does not wait for the other side any more */
    uint32_t looked;           /* bytes that a late start was searched for in */
    uint32_t scanned;          /* bytes of `first` that hold no line's end */
    struct wt_buffer first;    /* first bytes that do not tell yet */
    struct wt_buffer held;     /* pieces that wait for the other side, each behind its struct held_piece */
    size_t held_at, held_last; /* where in it the next one lies, and the last */
    uint8_t stopped;           /* enum wt_http_stop */
    struct wt_http1 one;
};

struct wt_http {
    struct wt_arena *arena;
    struct wt_http_side side[2];
    struct wt_http_node *list, *last;  /* kept ones, then those over the limit */
    struct wt_http_node *kept;         /* the last kept one */
    struct wt_http_node *spare;        /* over the limit and done with */
    size_t count, dropped, over;       /* kept; not kept; nodes that exist over the limit */
    struct wt_http_node *ask, *answer; /* HTTP/1: whose request, whose answer comes next; NULL for a new one's */
    struct wt_http_node *asked;        /* HTTP/1: the latest whose request was read */
    struct wt_http2 *two;
    struct wt_http3 *three;
    bool torn; /* bytes of a side are missing: nobody waits, as what is awaited may have been in them */
    bool seen_two, version_asked;
    uint8_t version; /* the highest that a request named; answers count while there is none */
    struct wt_exchange *flat;
    size_t flat_room;
};

/* A new node at its place in the list. Over the limit NULL; with `follow` a node that is followed without being kept.
 */
struct wt_http_node *wt_http_add(struct wt_http *h, uint64_t order, bool follow);
/* Copies a field of the node into the arena, cut to `most` bytes; line folds become spaces. Fields that are there
 * already, and those of nodes that are not kept, stay. */
void wt_http_copy(struct wt_http *h, const struct wt_http_node *node, struct wt_span *to, struct wt_span from,
                  size_t most);
/* No more of that side is read; `why` as wt_http_stopped() tells it, or WT_HTTP_STOP_NONE when that is no fault. */
void wt_http_stop(struct wt_http *h, enum wt_side side, enum wt_http_stop why);
/* A message of HTTP/1 names its version. */
void wt_http_versioned(struct wt_http *h, enum wt_side side, uint8_t version);
/* From here on the side speaks HTTP/2. `node`: its first stream, begun as HTTP/1 (RFC 7540, 3.2), or NULL. */
bool wt_http_to_two(struct wt_http *h, enum wt_side side, struct wt_http_node *node);

#endif
