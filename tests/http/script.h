/* A dialogue in HTTP/2, written packet by packet. */
#ifndef WT_TESTS_HTTP_SCRIPT_H
#define WT_TESTS_HTTP_SCRIPT_H

#include "dialogue.h"

#include <nghttp2/nghttp2.h>

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

enum { MOST = 64, BYTES = 1 << 20 };

struct script {
    struct say said[MOST];
    size_t count;
    uint8_t *bytes;
    size_t n;
    nghttp2_hd_deflater *deflater[2];
};

void begin(struct script *s);
void done(struct script *s);
uint8_t *room(struct script *s, size_t n);
/* From here on another packet, of this side. */
void packet(struct script *s, enum wt_side side);
void raw(struct script *s, const void *bytes, size_t n);
void frame(struct script *s, unsigned type, unsigned flags, uint32_t stream, const void *payload, size_t n);
/* Both sides' first words. */
void greet(struct script *s);
/* The fields, "name: value" and a LF each, compressed by the side of the present packet. */
size_t deflate_fields(struct script *s, const char *fields, uint8_t *to, size_t size);
void headers(struct script *s, unsigned flags, uint32_t stream, const char *fields);

#define GET(path) ":method: GET\n:scheme: https\n:authority: a.example\n:path: " path "\nuser-agent: test\n"
#define OK_ ":status: 200\nserver: test\n"
#define ALL(s, want)                                                                                                   \
    do {                                                                                                               \
        expect_always((s)->said, (s)->count, true, want);                                                              \
        done(s);                                                                                                       \
    } while (0)

#endif
