/* The inside of the writer of pcapng. */
#ifndef WT_CAPTURE_WRITE_H
#define WT_CAPTURE_WRITE_H

#include "base/buffer.h"
#include "wiretale/write.h"

/* An interface that was written: which packets are of it. */
struct wt_written_interface {
    uint16_t link;
    uint8_t digits; /* 6 or 9 */
};

struct wt_capture_writer {
    bool (*write)(void *context, const void *bytes, size_t length);
    void *context;
    struct wt_buffer out;                    /* not handed on yet */
    struct wt_buffer front;                  /* blocks that wait for the copied section they stand in */
    struct wt_written_interface *interfaces; /* of the section, when it is ours */
    uint32_t interface_count;
    size_t interface_room;
    const struct wt_capture *from; /* copied block by block, or NULL */
    bool swapped;                  /* the section's numbers are not in this machine's order */
    bool section;                  /* one has begun */
    bool failed;
};

/* The last block that `capture` read, which was an Interface Description or Section Header: to be copied. */
void wt_capture_write_header(void *writer, struct wt_span block);

#endif
