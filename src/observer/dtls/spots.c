#include "observer/dtls/spots.h"

#include "base/array.h"
#include "base/memory.h"
#include "observer/places.h"

#include <stdlib.h>

enum { FRAGMENT_HEADER = 12, FEW = 8 };

void wt_dtls_spots_clear(struct wt_dtls_spots *spots)
{
    free(spots->list);
    *spots = (struct wt_dtls_spots){0};
}

/* n bytes of the record's content from byte `inside` on. A byte of a record that was opened has no place of its own. */
static struct wt_dtls_spot spot_of(const struct wt_dtls_reading *r, size_t inside, size_t n)
{
    const size_t header = r->header.size - r->header.fragment.n;
    const size_t at = r->opened ? r->at : r->at + header + inside, length = r->opened ? r->header.size : n;
    return (struct wt_dtls_spot){.piece = {.place = {.offset = at, .length = (uint32_t)length, .frame = r->o->frame},
                                           .record = r->record.number,
                                           .inside = (uint32_t)inside,
                                           .length = (uint32_t)n,
                                           .opened = r->opened}};
}

struct wt_dtls_spot wt_dtls_spots_record(const struct wt_dtls_reading *r)
{
    return spot_of(r, 0, r->text.n);
}

struct wt_dtls_spot wt_dtls_spots_of(const struct wt_dtls_reading *r, const struct wt_dtls_fragment *f)
{
    struct wt_dtls_spot spot = spot_of(r, r->inside, FRAGMENT_HEADER + f->bytes.n);
    spot.offset = f->fragment_offset;
    return spot;
}

void wt_dtls_spots_add(struct wt_dtls_reading *r, struct wt_dtls_spots *spots, const struct wt_dtls_fragment *f)
{
    if (!r->tls->log || spots->lost)
        return;
    if (!wt_array_grow_within(&spots->list, spots->count, &spots->cap, sizeof *spots->list, FEW,
                              WT_LIMIT_DTLS_PIECES)) {
        spots->lost = true;
        return;
    }
    size_t at = spots->count++;
    for (; at && spots->list[at - 1].offset > f->fragment_offset; at--)
        spots->list[at] = spots->list[at - 1];
    spots->list[at] = wt_dtls_spots_of(r, f);
}

/* What of the fragment is the message's from byte `covered` of its body on: the first has its header, too. */
static struct wt_places_piece piece_of(const struct wt_dtls_spot *spot, uint32_t covered)
{
    struct wt_places_piece piece = spot->piece;
    const uint32_t before = spot->offset ? FRAGMENT_HEADER + covered - spot->offset : 0;
    piece.inside += before;
    piece.length -= before;
    if (piece.opened)
        return piece;
    piece.place.offset += before;
    piece.place.length -= before;
    return piece;
}

static uint32_t end_of(const struct wt_dtls_spot *spot)
{
    return spot->offset + spot->piece.length - FRAGMENT_HEADER;
}

/* Each byte once, in the message's order. */
static size_t parts_of(const struct wt_dtls_spots *spots, struct wt_places_piece *out)
{
    uint32_t covered = 0;
    size_t n = 0;
    for (size_t i = 0; i < spots->count; i++) {
        const struct wt_dtls_spot *spot = &spots->list[i];
        if (spot->offset > covered || (i && end_of(spot) <= covered))
            continue;
        out[n++] = piece_of(spot, covered);
        covered = end_of(spot);
    }
    return n;
}

void wt_dtls_spots_fill(struct wt_observer *o, struct wt_conversation *c, const struct wt_dtls_telling *telling,
                        struct wt_message *message)
{
    const struct wt_dtls_spots *spots = telling->spots;
    if (!c->tls->log || (telling->message && (!spots || spots->lost || !spots->count)))
        return;
    if (!telling->message) {
        wt_places_pieces(o, c, &telling->record.piece, 1, message);
        return;
    }
    struct wt_places_piece *parts = wt_malloc(spots->count * sizeof *parts);
    if (parts)
        wt_places_pieces(o, c, parts, parts_of(spots, parts), message);
    free(parts);
}
