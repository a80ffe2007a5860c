#include "mutate_steps.h"

#include "mutate_tls.h"

#include <stdlib.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

enum { MOST_STEPS = 512, LONGEST = 249, SIDE = 7 /* which side of which connection */ };

struct step {
    size_t at, head, n; /* with its length byte, the head; the bytes after it */
};

struct list {
    struct text text;
    struct dice dice;
    size_t skip, count;
    struct step steps[MOST_STEPS];
};

static void read_steps(struct list *l, step_head *head)
{
    size_t at = l->skip;
    l->count = 0;
    while (at < l->text.n && l->count < MOST_STEPS) {
        bool carries = false;
        struct step s = {.at = at, .head = head(l->text.p[at], &carries)};
        const size_t left = l->text.n - at;
        s.head += carries;
        s.head = s.head < left ? s.head : left;
        s.n = carries ? step_length(l->text.p[at + s.head - 1]) : 0;
        s.n = s.n < left - s.head ? s.n : left - s.head;
        l->steps[l->count++] = s;
        at += s.head + s.n;
    }
}

/* What one side sends from step `first` on, until another does; returns how many steps that is. */
static size_t gather(const struct list *l, size_t first, struct text *said)
{
    size_t i = first;
    for (; i < l->count; i++) {
        const struct step *s = &l->steps[i];
        if ((l->text.p[s->at] & SIDE) != (l->text.p[l->steps[first].at] & SIDE) || said->n + s->n > said->room / 2)
            break;
        memcpy(said->p + said->n, l->text.p + s->at + s->head, s->n);
        said->n += s->n;
    }
    return i - first;
}

/* Changed, and in steps again, the first of which keeps its head. */
static void change_said(struct list *l, size_t first)
{
    struct text said = {.room = 2 * l->text.room};
    struct text out = {.room = 4 * l->text.room + 64};
    const struct step s = l->steps[first];
    said.p = malloc(said.room);
    out.p = malloc(out.room);
    const size_t steps = said.p && out.p ? gather(l, first, &said) : 0;
    if (steps && said.n) {
        const struct step last = l->steps[first + steps - 1];
        const size_t end = last.at + last.head + last.n;
        (void)mutate_tls(&said, 0, said.n, SHAPE_STREAM, &l->dice);
        memcpy(out.p, l->text.p, s.at + s.head);
        out.n = s.at + s.head;
        for (size_t at = 0, n; at == 0 || at < said.n; at += n) {
            n = said.n - at < LONGEST ? said.n - at : LONGEST;
            if (at) {
                out.p[out.n++] = l->text.p[s.at] & SIDE;
                out.n++;
            }
            out.p[out.n - 1] = (uint8_t)n;
            memcpy(out.p + out.n, said.p + at, n);
            out.n += n;
            if (said.n == 0)
                break;
        }
        memcpy(out.p + out.n, l->text.p + end, l->text.n - end);
        out.n += l->text.n - end;
        if (out.n <= l->text.room) {
            memcpy(l->text.p, out.p, out.n);
            l->text.n = out.n;
        }
    }
    free(said.p);
    free(out.p);
}

static void change_step(struct list *l, size_t which)
{
    const struct step s = l->steps[which], other = l->steps[dice_roll(&l->dice, l->count)];
    const size_t n = s.head + s.n;
    switch (dice_roll(&l->dice, 5)) {
    case 0:
        (void)text_splice(&l->text, s.at, n, NULL, 0);
        break;
    case 1:
        (void)text_splice(&l->text, s.at, 0, l->text.p + s.at, n);
        break;
    case 2:
        (void)text_splice(&l->text, other.at, 0, l->text.p + s.at, n);
        break;
    case 3:
        l->text.p[s.at] ^= (uint8_t)(8u << dice_roll(&l->dice, 5));
        break;
    default:
        if (s.n)
            (void)LLVMFuzzerMutate(l->text.p + s.at + s.head, s.n, s.n);
        break;
    }
}

size_t mutate_steps(uint8_t *data, size_t size, size_t most, size_t skip, step_head *head, bool tls, uint64_t seed)
{
    struct list *l = malloc(sizeof *l);
    if (l)
        *l = (struct list){.text = {data, size, most}, .dice = dice_of(seed), .skip = skip};
    if (!l || dice_one_in(&l->dice, 8) || size <= skip) {
        free(l);
        return LLVMFuzzerMutate(data, size, most);
    }
    for (size_t n = 1 + dice_roll(&l->dice, 3); n; n--) {
        read_steps(l, head);
        if (l->count == 0)
            break;
        const size_t which = dice_roll(&l->dice, l->count);
        if (tls && l->steps[which].n && !dice_one_in(&l->dice, 3))
            change_said(l, which);
        else
            change_step(l, which);
    }
    size = l->text.n;
    free(l);
    return size;
}
