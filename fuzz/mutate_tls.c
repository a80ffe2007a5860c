#include "mutate_tls.h"

#include "registry/registry.h"

#include <stdlib.h>
#include <string.h>

/* libFuzzer's own mutations, with its dictionary; replay.c has a small one of its own. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

enum { DEEPEST = 24, MOST_ELEMENTS = 64, MOST_PARTS = 6, LARGEST_LEAF = 4096 };

/* The grammar: a shape is a list of elements of another shape, or a sequence of parts. */
enum part_kind {
    PART_NONE,
    PART_FIXED,  /* so many bytes */
    PART_VECTOR, /* a length of so many bytes, and what it counts, of a shape */
    PART_DER,    /* a DER length, and what it counts */
    PART_REST,   /* all to the end, of a shape; last */
};

struct part {
    uint8_t kind, n, shape;
};

/* Shapes beside those of the header. */
enum {
    RECORD = SHAPE_OTHERS,
    MESSAGE,
    EXTENSION,
    EXTENSION_BODY,
    PAIRS,
    PAIR,
    VECTOR1,
    VECTOR2,
    ELEMENT, /* of DER */
    DER2,
    CERTIFICATES12,
    CERTIFICATE12,
    CERTIFICATES13,
    CERTIFICATE13,
    CLIENT_HELLO,
    SERVER_HELLO,
    ENCRYPTED_EXTENSIONS,
    CERTIFICATE_VERIFY,
    CERTIFICATE_STATUS,
    TICKET,
    SHAPES,
};

struct rule {
    uint8_t each; /* a list of these; 0: the parts */
    struct part parts[MOST_PARTS];
};

static const struct rule rules[SHAPES] = {
    [SHAPE_STREAM] = {.each = RECORD},
    [RECORD] = {.parts = {{PART_FIXED, 3, 0}, {PART_VECTOR, 2, 0}}},
    [SHAPE_MESSAGES] = {.each = MESSAGE},
    [MESSAGE] = {.parts = {{PART_FIXED, 1, 0}, {PART_VECTOR, 3, 0}}},
    [SHAPE_EXTENSIONS] = {.each = EXTENSION},
    [EXTENSION] = {.parts = {{PART_FIXED, 2, 0}, {PART_VECTOR, 2, EXTENSION_BODY}}},
    [PAIRS] = {.each = PAIR},
    [PAIR] = {.parts = {{PART_FIXED, 2, 0}}},
    [VECTOR1] = {.parts = {{PART_VECTOR, 1, SHAPE_BYTES}}},
    [VECTOR2] = {.parts = {{PART_VECTOR, 2, PAIRS}}},
    [SHAPE_DER] = {.each = ELEMENT},
    [ELEMENT] = {.parts = {{PART_FIXED, 1, 0}, {PART_DER, 0, 0}}},
    [SHAPE_DERS] = {.each = DER2},
    [DER2] = {.parts = {{PART_VECTOR, 2, SHAPE_DER}}},
    [CERTIFICATES12] = {.each = CERTIFICATE12},
    [CERTIFICATE12] = {.parts = {{PART_VECTOR, 3, SHAPE_DER}}},
    [CERTIFICATES13] = {.each = CERTIFICATE13},
    [CERTIFICATE13] = {.parts = {{PART_VECTOR, 3, SHAPE_DER}, {PART_VECTOR, 2, SHAPE_EXTENSIONS}}},
    [CLIENT_HELLO] = {.parts = {{PART_FIXED, 34, 0},
                                {PART_VECTOR, 1, SHAPE_BYTES},
                                {PART_VECTOR, 2, PAIRS},
                                {PART_VECTOR, 1, SHAPE_BYTES},
                                {PART_VECTOR, 2, SHAPE_EXTENSIONS}}},
    [SERVER_HELLO] = {.parts = {{PART_FIXED, 34, 0},
                                {PART_VECTOR, 1, SHAPE_BYTES},
                                {PART_FIXED, 3, 0},
                                {PART_VECTOR, 2, SHAPE_EXTENSIONS}}},
    [ENCRYPTED_EXTENSIONS] = {.parts = {{PART_VECTOR, 2, SHAPE_EXTENSIONS}}},
    [CERTIFICATE_VERIFY] = {.parts = {{PART_FIXED, 2, 0}, {PART_VECTOR, 2, SHAPE_BYTES}}},
    [CERTIFICATE_STATUS] = {.parts = {{PART_FIXED, 1, 0}, {PART_VECTOR, 3, SHAPE_DER}}},
    [TICKET] = {.parts = {{PART_FIXED, 8, 0},
                          {PART_VECTOR, 1, SHAPE_BYTES},
                          {PART_VECTOR, 2, SHAPE_BYTES},
                          {PART_VECTOR, 2, SHAPE_EXTENSIONS}}},
};

unsigned shape_of_message(uint8_t type)
{
    switch (type) {
    case WT_HANDSHAKE_CLIENT_HELLO:
        return CLIENT_HELLO;
    case WT_HANDSHAKE_SERVER_HELLO:
        return SERVER_HELLO;
    case WT_HANDSHAKE_NEW_SESSION_TICKET:
        return TICKET;
    case WT_HANDSHAKE_ENCRYPTED_EXTENSIONS:
        return ENCRYPTED_EXTENSIONS;
    case WT_HANDSHAKE_CERTIFICATE:
        return CERTIFICATES12; /* or 13: body_shape() */
    case WT_HANDSHAKE_CERTIFICATE_VERIFY:
        return CERTIFICATE_VERIFY;
    case WT_HANDSHAKE_CERTIFICATE_STATUS:
        return CERTIFICATE_STATUS;
    default:
        return SHAPE_BYTES;
    }
}

/* --- lengths ------------------------------------------------------------------------------------------------------ */

/* A length around the place that is changed. */
struct level {
    size_t at;
    uint8_t kind, n;
};

struct spot {
    struct text *text;
    struct dice *dice;
    size_t at, n; /* the bytes; at the end: what has become of them */
    unsigned shape, depth;
    bool fixed; /* its length is not told anywhere */
    struct level above[DEEPEST];
};

static size_t get(const uint8_t *p, size_t n)
{
    size_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | p[i];
    return value;
}

static void put(uint8_t *p, size_t n, size_t value)
{
    while (n--) {
        p[n] = (uint8_t)value;
        value >>= 8;
    }
}

/* A DER length of definite form: how many bytes it has, and its value; 0 for none. */
static size_t der_length(const uint8_t *p, size_t n, size_t *value)
{
    size_t more = n && p[0] & 0x80 ? p[0] & 0x7f : 0;
    if (n == 0 || p[0] == 0x80 || more > 3 || 1 + more > n)
        return 0;
    *value = more ? get(p + 1, more) : p[0];
    return 1 + more;
}

bool text_splice(struct text *t, size_t at, size_t less, const uint8_t *bytes, size_t n)
{
    uint8_t own[LARGEST_LEAF];
    if (at > t->n || less > t->n - at || n > sizeof own || t->n - less + n > t->room)
        return false;
    if (n)
        memcpy(own, bytes, n);
    memmove(t->p + at + n, t->p + at + less, t->n - at - less);
    if (n)
        memcpy(t->p + at, own, n);
    t->n += n - less;
    return true;
}

/* All lengths around the spot, from the innermost to the outermost, have changed by so much. */
static void settle(struct spot *s, ptrdiff_t change)
{
    while (s->depth--) {
        const struct level *l = &s->above[s->depth];
        size_t value = 0, bytes;
        uint8_t der[4];
        if (l->kind == PART_VECTOR) {
            put(s->text->p + l->at, l->n, get(s->text->p + l->at, l->n) + (size_t)change);
            continue;
        }
        size_t had = der_length(s->text->p + l->at, s->text->n - l->at, &value);
        value += (size_t)change;
        bytes = value < 0x80 ? 0 : value < 0x100 ? 1 : value < 0x10000 ? 2 : 3;
        der[0] = bytes ? (uint8_t)(0x80 | bytes) : (uint8_t)value;
        put(der + 1, bytes, value);
        if (text_splice(s->text, l->at, had, der, 1 + bytes))
            change += (ptrdiff_t)(1 + bytes) - (ptrdiff_t)had;
    }
}

/* --- the grammar over bytes --------------------------------------------------------------------------------------- */

/* The bytes that a part has before what it counts, and all of it; false when it does not fit. */
static bool measure(const struct part *part, const uint8_t *p, size_t n, size_t *head, size_t *whole)
{
    size_t value = 0;
    *head = 0;
    switch (part->kind) {
    case PART_FIXED:
        *whole = part->n;
        return n >= part->n;
    case PART_VECTOR:
        *head = part->n;
        if (n < part->n)
            return false;
        value = get(p, part->n);
        break;
    case PART_DER:
        *head = der_length(p, n, &value);
        if (*head == 0)
            return false;
        break;
    default:
        value = n;
        break;
    }
    *whole = *head + value;
    return *whole <= n;
}

/* How long an element is; 0 when it does not fit. */
static size_t element_size(unsigned shape, const uint8_t *p, size_t n)
{
    size_t at = 0, head, whole;
    for (const struct part *part = rules[shape].parts; part < rules[shape].parts + MOST_PARTS && part->kind; part++) {
        if (!measure(part, p + at, n - at, &head, &whole))
            return 0;
        at += whole;
    }
    return at;
}

/* What a vector's or an extension's body is, where the bytes before it, or its own, decide that. */
static unsigned body_shape(unsigned of, const uint8_t *before, const uint8_t *p, size_t n)
{
    switch (of) {
    case RECORD:
        return before[0] == WT_CONTENT_HANDSHAKE ? SHAPE_MESSAGES : SHAPE_BYTES;
    case MESSAGE:
        if (before[0] != WT_HANDSHAKE_CERTIFICATE)
            return shape_of_message(before[0]);
        return n >= 3 && get(p, 3) == n - 3 ? CERTIFICATES12 + SHAPES : n >= 4 ? CERTIFICATES13 + SHAPES : SHAPE_BYTES;
    case EXTENSION:
        return n >= 2 && get(p, 2) == n - 2 ? VECTOR2 : n >= 1 && p[0] == n - 1 ? VECTOR1 : SHAPE_BYTES;
    case ELEMENT:
        /* Constructed; or an OCTET STRING or BIT STRING with DER in it, as extensions and keys are. */
        if (before[0] & 0x20 || (before[0] == 4 && n > 2 && element_size(ELEMENT, p, n) == n))
            return SHAPE_DER;
        return SHAPE_BYTES;
    default:
        return SHAPE_BYTES;
    }
}

static void enter(struct spot *s, const struct part *part, size_t at, size_t head, size_t whole)
{
    if (part->kind != PART_FIXED && head)
        s->above[s->depth++] = (struct level){at, part->kind, part->n};
    s->at = at + head;
    s->n = whole - head;
    s->fixed = part->kind == PART_FIXED;
}

/* Certificate, which has a list in a vector of 3 bytes, in TLS 1.3 after a context. */
static void enter_certificates(struct spot *s, unsigned list)
{
    static const struct part vector = {PART_VECTOR, 3, 0}, context = {PART_VECTOR, 1, 0};
    size_t at = s->at, n = s->n, head, whole = 0;
    if (list == CERTIFICATES13 && !measure(&context, s->text->p + at, n, &head, &whole))
        whole = n;
    at += whole;
    n -= whole;
    s->shape = SHAPE_BYTES;
    if (!measure(&vector, s->text->p + at, n, &head, &whole))
        return;
    enter(s, &vector, at, head, whole);
    s->shape = list;
}

/* One of the parts. False when they do not fit, or it is to be changed as bytes. */
static bool descend_parts(struct spot *s)
{
    size_t at[MOST_PARTS], heads[MOST_PARTS], wholes[MOST_PARTS], count = 0, end = 0;
    const struct rule *rule = &rules[s->shape];
    for (; count < MOST_PARTS && rule->parts[count].kind; count++) {
        if (!measure(&rule->parts[count], s->text->p + s->at + end, s->n - end, &heads[count], &wholes[count]))
            break;
        at[count] = s->at + end;
        end += wholes[count];
    }
    if (count == 0)
        return false;
    /* what counts more often has more in it */
    size_t which = dice_one_in(s->dice, 3) ? dice_roll(s->dice, count) : count - 1;
    const struct part *part = &rule->parts[which];
    const uint8_t *before = s->text->p + s->at;
    const unsigned of = s->shape;
    enter(s, part, at[which], heads[which], wholes[which]);
    s->shape =
        part->shape ? part->shape : body_shape(part->kind == PART_FIXED ? 0 : of, before, s->text->p + s->at, s->n);
    if (s->shape == EXTENSION_BODY)
        s->shape = body_shape(EXTENSION, before, s->text->p + s->at, s->n);
    if (s->shape >= SHAPES)
        enter_certificates(s, s->shape - SHAPES);
    return true;
}

/* --- changes ------------------------------------------------------------------------------------------------------ */

static void finish(struct spot *s, size_t had)
{
    settle(s, (ptrdiff_t)s->n - (ptrdiff_t)had);
}

static void change_bytes(struct spot *s)
{
    uint8_t leaf[LARGEST_LEAF];
    size_t had = s->n, n = had < sizeof leaf / 2 ? had : sizeof leaf / 2, at = s->at;
    at += dice_roll(s->dice, had - n + 1);
    memcpy(leaf, s->text->p + at, n);
    size_t grown =
        n ? LLVMFuzzerMutate(leaf, n, s->fixed || dice_one_in(s->dice, 2) ? n : n + 64) : dice_roll(s->dice, 9);
    if (n == 0)
        memset(leaf, (int)dice_roll(s->dice, 256), grown);
    if (s->fixed)
        grown = n;
    if (text_splice(s->text, at, n, leaf, grown))
        s->n = had - n + grown;
    finish(s, had);
}

/* Two neighbours change places. */
static void swap(struct spot *s, size_t at, size_t first, size_t second)
{
    uint8_t own[LARGEST_LEAF];
    if (first > sizeof own)
        return;
    memcpy(own, s->text->p + at, first);
    memmove(s->text->p + at, s->text->p + at + first, second);
    memcpy(s->text->p + at + second, own, first);
}

/* One of a list's elements: where it is, how long it is. */
struct element {
    size_t at, n;
};

static void change_element(struct spot *s, const struct element *all, size_t count, size_t which)
{
    const struct element e = all[which], other = all[dice_roll(s->dice, count)];
    const size_t had = s->n;
    switch (dice_roll(s->dice, 5)) {
    case 0:
        if (text_splice(s->text, e.at, e.n, NULL, 0))
            s->n -= e.n;
        break;
    case 1:
        if (text_splice(s->text, e.at, 0, s->text->p + e.at, e.n))
            s->n += e.n;
        break;
    case 2:
        if (which + 1 < count)
            swap(s, e.at, e.n, all[which + 1].n);
        break;
    case 3: /* one that is elsewhere, too */
        if (text_splice(s->text, e.at, e.n, s->text->p + other.at, other.n))
            s->n += other.n - e.n;
        break;
    default: { /* all after it are gone */
        size_t after = s->at + s->n - (e.at + e.n);
        if (text_splice(s->text, e.at + e.n, after, NULL, 0))
            s->n -= after;
        break;
    }
    }
    finish(s, had);
}

/* True when the change is made: else the spot is one of the list's elements now. */
static bool descend_list(struct spot *s)
{
    struct element all[MOST_ELEMENTS];
    const unsigned each = rules[s->shape].each;
    size_t count = 0, at = s->at, end = s->at + s->n, n;
    while (count < MOST_ELEMENTS && at < end && (n = element_size(each, s->text->p + at, end - at)) > 0) {
        all[count++] = (struct element){at, n};
        at += n;
    }
    if (count == 0) {
        change_bytes(s);
        return true;
    }
    size_t which = dice_roll(s->dice, count);
    if (dice_one_in(s->dice, 4)) {
        change_element(s, all, count, which);
        return true;
    }
    s->at = all[which].at;
    s->n = all[which].n;
    s->shape = each;
    return false;
}

size_t mutate_tls(struct text *text, size_t at, size_t n, unsigned shape, struct dice *dice)
{
    const size_t before = text->n;
    struct spot s = {.text = text, .dice = dice, .at = at, .n = n, .shape = shape};
    if (shape == CERTIFICATES12)
        enter_certificates(&s, n >= 3 && get(text->p + at, 3) == n - 3 ? CERTIFICATES12 : CERTIFICATES13);
    while (s.depth + 2 < DEEPEST) {
        if (s.shape == SHAPE_BYTES)
            break;
        if (rules[s.shape].each) {
            if (descend_list(&s))
                return n + text->n - before;
        } else if (!descend_parts(&s)) {
            break;
        }
    }
    change_bytes(&s);
    return n + text->n - before;
}

size_t mutate_tls_after(uint8_t *data, size_t size, size_t most, size_t head, unsigned shape, uint64_t seed)
{
    struct dice dice = dice_of(seed);
    struct text text = {.room = most};
    if (size <= head || dice_one_in(&dice, 4) || !(text.p = malloc(most)))
        return LLVMFuzzerMutate(data, size, most);
    memcpy(text.p, data, size);
    text.n = size;
    (void)mutate_tls(&text, head, size - head, shape, &dice);
    memcpy(data, text.p, text.n);
    free(text.p);
    return text.n;
}
