/* Mutates what TLS is made of: a record, message, extension, certificate or DER element is dropped, doubled, exchanged
 * with its neighbour, cut or filled anew, and every length around it is set to what it then has, so that a decoder gets
 * as far as the change. */
#ifndef WT_FUZZ_MUTATE_TLS_H
#define WT_FUZZ_MUTATE_TLS_H

#include "dice.h"

/* What bytes are read as. */
enum shape {
    SHAPE_BYTES,
    SHAPE_STREAM,   /* records, one after the other */
    SHAPE_MESSAGES, /* handshake messages with their headers */
    SHAPE_EXTENSIONS,
    SHAPE_DER,
    SHAPE_DERS,   /* each after two bytes of length */
    SHAPE_OTHERS, /* the first of those that are the grammar's own */
};

/* Bytes that grow within their room. */
struct text {
    uint8_t *p;
    size_t n, room;
};

/* The body of a handshake message of the type. */
unsigned shape_of_message(uint8_t type);

/* Replaces `less` bytes at `at` with `n` others, which may lie in the text itself. False, and nothing changed, without
 * the room for it. */
bool text_splice(struct text *text, size_t at, size_t less, const uint8_t *bytes, size_t n);

/* Changes the n bytes at `at`, which have the shape; returns how many there are then. */
size_t mutate_tls(struct text *text, size_t at, size_t n, unsigned shape, struct dice *dice);

/* The same of an input that begins with `head` bytes of another kind: these, too, are changed now and then. For
 * LLVMFuzzerCustomMutator(). */
size_t mutate_tls_after(uint8_t *data, size_t size, size_t most, size_t head, unsigned shape, uint64_t seed);

#endif
