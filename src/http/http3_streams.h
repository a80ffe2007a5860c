/* Streams of HTTP/3 that are open, and the field sections of them that wait. Inside of src/http. */
#ifndef WT_HTTP_HTTP3_STREAMS_H
#define WT_HTTP_HTTP3_STREAMS_H

#include "http/internal.h"
#include "http/qpack.h"

enum { WT_HTTP3_BUCKETS = 256 };

/* An integer that may come in pieces. */
struct wt_http3_integer {
    uint8_t bytes[8], have;
};

enum wt_http3_at {
    WT_HTTP3_AT_STREAM_TYPE, /* a unidirectional stream's first integer */
    WT_HTTP3_AT_TYPE,        /* between frames */
    WT_HTTP3_AT_LENGTH,
    WT_HTTP3_AT_PUSH_ID,
    WT_HTTP3_AT_PAYLOAD,
    WT_HTTP3_AT_TABLE, /* an encoder stream: instructions, no frames */
    WT_HTTP3_AT_END,   /* nothing of it is read any more */
};

/* One direction of a stream. */
struct wt_http3_half {
    uint8_t at;    /* enum wt_http3_at */
    bool ended;    /* FIN or a reset */
    bool torn;     /* bytes of it are missing, where something hangs on them */
    bool headed;   /* a HEADERS frame has come */
    bool lost;     /* of the present section, which is passed over */
    bool settings; /* a control stream's first frame has come */
    bool value;    /* SETTINGS: the next integer is a value */
    struct wt_http3_integer integer;
    uint64_t next; /* offset */
    uint64_t type; /* of the present frame */
    uint64_t left; /* bytes of it to come */
    uint64_t setting, push;
    struct wt_buffer section; /* as much of a field section as has come */
};

struct wt_http3_stream {
    uint64_t id;
    struct wt_http3_stream *chain;
    struct wt_http_node *node;
    uint8_t on;          /* enum wt_http3_on, what frames may come; 0: not known yet, or none */
    bool refused;        /* there was no room for its exchange */
    uint32_t waiting[2]; /* sections of either side */
    uint32_t passed[2];  /* see http3_sections.c */
    struct wt_http3_half half[2];
};

/* A field section that waits for entries of the dynamic table. */
struct wt_http3_section {
    struct wt_http3_section *next;
    struct wt_http3_stream *stream;
    struct wt_http_node *node; /* that it is about; NULL: it is over a limit */
    bool promise;
    struct wt_http_at at;
    uint64_t needs;
    size_t n;
    uint8_t bytes[];
};

struct wt_http3_side {
    struct wt_qpack *qpack;                /* of what this side sends */
    struct wt_http3_section *first, *last; /* in the order in which they came */
    struct wt_buffer early;                /* of its encoder stream, before the other side's SETTINGS */
    uint32_t waiting;                      /* of them */
    uint32_t passes;
    uint8_t streams;   /* bits by type: that it has opened one, of those that it may open one of */
    bool told;         /* its SETTINGS have come, or will not */
    bool table_torn;   /* of its encoder stream something is missing */
    uint64_t capacity; /* SETTINGS_QPACK_MAX_TABLE_CAPACITY that it tells */
    uint64_t pushes;   /* server: the next push id that has not been promised */
};

struct wt_http3 {
    struct wt_http3_side side[2];
    struct wt_http3_stream *buckets[WT_HTTP3_BUCKETS];
    uint64_t key; /* odd; of their hash: a peer chooses the numbers */
    uint32_t open;
    size_t held;   /* bytes of sections in part, of those that wait, and of early instructions */
    uint8_t swept; /* sides that were silent when all streams were last looked at; by bit */
};

struct wt_http3 *wt_http3_streams_new(void);
void wt_http3_streams_free(struct wt_http3 *three);
struct wt_http3_stream *wt_http3_streams_find(struct wt_http3 *three, uint64_t id);
/* NULL when more are open than are followed. */
struct wt_http3_stream *wt_http3_streams_open(struct wt_http *h, uint64_t id);
/* Forgets it if it is over: nothing more comes of it, and nothing waits. */
void wt_http3_streams_close(struct wt_http *h, struct wt_http3_stream *s);
/* Its exchange, made where there is none; NULL over the limits. */
struct wt_http_node *wt_http3_streams_node(struct wt_http *h, struct wt_http3_stream *s);
/* Whether n bytes more may be held. */
bool wt_http3_streams_hold(struct wt_http3 *three, size_t n);
/* Nothing more is read of that direction. */
void wt_http3_streams_stop(struct wt_http3 *three, struct wt_http3_half *half);

#endif
