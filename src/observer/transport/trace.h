/* The segments of a conversation, one by one, and what each is to its stream: kept for who draws them. */
#ifndef WT_OBSERVER_TRACE_H
#define WT_OBSERVER_TRACE_H

#include "capture/packet.h"
#include "capture/tcp.h"
#include "wiretale/story.h"

struct wt_traced {
    int64_t ns;
    uint32_t frame, sequence, length;
    uint8_t direction, flags, mark; /* mark: enum wt_segment_mark */
};

/* What the marks of one direction are found by. All zero: nothing was seen. */
struct wt_trace_lane {
    bool any;
    uint32_t base;         /* of the SYN, or one before the first byte seen */
    uint32_t top;          /* behind the highest byte that was seen */
    uint32_t acknowledged; /* by its newest segment, of the other direction */
    uint8_t same;          /* segments without data that acknowledged the same again, in a row */
    uint16_t id;           /* IPv4's Identification of the newest segment with data */
    int64_t ns;            /* of it */
};

struct wt_trace {
    struct wt_traced *all;
    size_t count, room, dropped;
    struct wt_trace_lane lane[2];
};

/* Before the stream takes it; `tcp` is that of its direction. False when it is not kept: over the limit, or without
 * memory. */
bool wt_trace_add(struct wt_trace *trace, const struct wt_tcp_direction *tcp, unsigned direction,
                  const struct wt_segment *segment, int64_t ns, uint32_t frame);
void wt_trace_free(struct wt_trace *trace);

#endif
