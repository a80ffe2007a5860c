#include "script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void begin(struct script *s)
{
    *s = (struct script){.bytes = malloc(BYTES)};
    assert_non_null(s->bytes);
    for (int side = 0; side < 2; side++)
        assert_int_equal(nghttp2_hd_deflate_new(&s->deflater[side], 4096), 0);
}

void done(struct script *s)
{
    for (int side = 0; side < 2; side++)
        nghttp2_hd_deflate_del(s->deflater[side]);
    free(s->bytes);
}

uint8_t *room(struct script *s, size_t n)
{
    assert_true(s->n + n <= BYTES);
    s->n += n;
    return s->bytes + s->n - n;
}

/* From here on another packet, of this side. */
void packet(struct script *s, enum wt_side side)
{
    assert_true(s->count < MOST);
    s->said[s->count++] = (struct say){side, SAY_BYTES, s->bytes + s->n, 0};
}

void raw(struct script *s, const void *bytes, size_t n)
{
    memcpy(room(s, n), bytes, n);
    s->said[s->count - 1].n += n;
}

void frame(struct script *s, unsigned type, unsigned flags, uint32_t stream, const void *payload, size_t n)
{
    uint8_t head[9] = {(uint8_t)(n >> 16),      (uint8_t)(n >> 8),      (uint8_t)n,
                       (uint8_t)type,           (uint8_t)flags,         (uint8_t)(stream >> 24),
                       (uint8_t)(stream >> 16), (uint8_t)(stream >> 8), (uint8_t)stream};
    raw(s, head, sizeof head);
    raw(s, payload ? payload : "", n);
}

/* Both sides' first words. */
void greet(struct script *s)
{
    packet(s, WT_CLIENT);
    raw(s, PREFACE, 24);
    frame(s, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
    packet(s, WT_SERVER);
    frame(s, NGHTTP2_SETTINGS, 0, 0, "\0\3\0\0\0\x64", 6);
    frame(s, NGHTTP2_SETTINGS, 1, 0, NULL, 0);
    packet(s, WT_CLIENT);
    frame(s, NGHTTP2_SETTINGS, 1, 0, NULL, 0);
}

/* The fields, "name: value" and a LF each, compressed by the side of the present packet. */
size_t deflate_fields(struct script *s, const char *fields, uint8_t *to, size_t size)
{
    nghttp2_nv nv[32];
    size_t count = 0;
    while (*fields) {
        const char *colon = strstr(fields, ": "), *end = strchr(fields, '\n');
        assert_true(colon && end && colon < end && count < 32);
        nv[count++] = (nghttp2_nv){(uint8_t *)(uintptr_t)fields, (uint8_t *)(uintptr_t)(colon + 2),
                                   (size_t)(colon - fields), (size_t)(end - colon - 2), NGHTTP2_NV_FLAG_NONE};
        fields = end + 1;
    }
    ssize_t n = nghttp2_hd_deflate_hd(s->deflater[s->said[s->count - 1].side], to, size, nv, count);
    assert_true(n >= 0);
    return (size_t)n;
}

void headers(struct script *s, unsigned flags, uint32_t stream, const char *fields)
{
    uint8_t block[8192];
    size_t n = deflate_fields(s, fields, block, sizeof block);
    frame(s, NGHTTP2_HEADERS, flags | NGHTTP2_FLAG_END_HEADERS, stream, block, n);
}
