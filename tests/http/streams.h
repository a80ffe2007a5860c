/* A dialogue in HTTP/3: what comes on which stream of QUIC, fed in every order that keeps each stream's own. */
#ifndef TESTS_HTTP_STREAMS_H
#define TESTS_HTTP_STREAMS_H

#include "dialogue.h"
#include "http/http3.h"

#include <nghttp3/nghttp3.h>

enum { STREAM_ITEMS = 64, STREAM_BYTES = 1 << 20 };

enum item_kind { ITEM_BYTES, ITEM_GAP, ITEM_FIN, ITEM_RESET };

/* Its packet's number is its place, from 1. */
struct item {
    enum wt_side side;
    enum item_kind kind;
    uint64_t stream;
    uint8_t *bytes;
    size_t n;
};

struct streams {
    struct item items[STREAM_ITEMS];
    size_t count;
    uint8_t *bytes;
    size_t n;
    nghttp3_qpack_encoder *encoder[2];
};

/* Streams that each side opens first: control, QPACK encoder, QPACK decoder. */
enum { C_CONTROL = 2, C_ENCODER = 6, C_DECODER = 10, S_CONTROL = 3, S_ENCODER = 7, S_DECODER = 11 };

/* `table`: bytes of dynamic table that the encoders fill; 0: none. */
void streams_begin(struct streams *s, size_t table);
void streams_done(struct streams *s);
/* From here on another packet, of this side and stream. */
void on(struct streams *s, enum wt_side side, uint64_t stream);
void put(struct streams *s, const void *bytes, size_t n);
void integer(struct streams *s, uint64_t value);
void h3_frame(struct streams *s, uint64_t type, const void *payload, size_t n);
/* A HEADERS frame of "name: value" LF …; what it inserts into the table goes before it, as an item of its own on the
 * encoder stream, which has begun. */
void h3_headers(struct streams *s, enum wt_side side, uint64_t stream, const char *fields);
/* The section alone; tells its length. */
size_t h3_section(struct streams *s, enum wt_side side, uint64_t stream, const char *fields, uint8_t *to, size_t room);
void fin(struct streams *s, enum wt_side side, uint64_t stream);
void reset(struct streams *s, enum wt_side side, uint64_t stream);
void gap(struct streams *s, enum wt_side side, uint64_t stream, size_t n);
/* Control streams with SETTINGS of such a table, and QPACK's two, of both sides. */
void streams_greet(struct streams *s, uint64_t table);

/* As it stands. */
void streams_so(struct streams *s, const char *want);
/* In every order, also in pieces. Frees the script. */
void streams_always(struct streams *s, const char *want);

#endif
