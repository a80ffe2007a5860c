/* TLCP's two certificates of a side (GB/T 38636-2020, 6.4.5.3). The one that signs is judged as TLS's leaf is; the one
 * for encryption, which the premaster secret hangs on, has to lead to what is trusted as well. */
#include "certificate/judgements.h"
#include "observer/judge.h"
#include "observer/state.h"

enum reason {
#define WT_REASON(id, text) REASON_##id,
#include "wording/proofs.def"
#undef WT_REASON
};

struct wt_pair wt_judge_pair_of(const struct wt_tls *tls, unsigned side)
{
    if (tls->agreed.protocol != WT_PROTOCOL_TLCP)
        return (struct wt_pair){SIZE_MAX, SIZE_MAX};
    return wt_pair_of_facts(tls->authentication.certificates[side], tls->authentication.count[side]);
}

static size_t looked_at(const struct wt_tls *tls, unsigned side)
{
    const size_t n = tls->authentication.count[side];
    return n < WT_LIMIT_CHAIN_JUDGED ? n : WT_LIMIT_CHAIN_JUDGED;
}

/* The list with one of it first, and without the other of the pair. Returns how many. */
static size_t list_from(const struct wt_tls *tls, unsigned side, size_t first, size_t without,
                        const struct wt_certificate_facts **room)
{
    size_t n = 0;
    room[n++] = tls->authentication.certificates[side][first];
    for (size_t i = 0; i < looked_at(tls, side); i++)
        if (i != first && i != without)
            room[n++] = tls->authentication.certificates[side][i];
    return n;
}

const struct wt_certificate_facts *const *wt_judge_pair_signing(const struct wt_tls *tls, unsigned side,
                                                                const struct wt_certificate_facts **room)
{
    const struct wt_pair pair = wt_judge_pair_of(tls, side);
    if (pair.signing == SIZE_MAX || pair.signing == 0)
        return tls->authentication.certificates[side];
    (void)list_from(tls, side, pair.signing, SIZE_MAX, room);
    return room;
}

/* What is wrong with the encryption certificate alone is wrong with what the server showed. */
static void note(struct wt_tls *tls, const struct wt_judgement *v)
{
    static const struct {
        uint8_t fault, reason;
    } rows[] = {
        {WT_CHAIN_SIGNATURE, REASON_CHAIN_SIGNATURE},   {WT_CHAIN_EXPIRED, REASON_CHAIN_EXPIRED},
        {WT_CHAIN_NOT_YET, REASON_CHAIN_NOT_YET},       {WT_CHAIN_SELF_SIGNED, REASON_CHAIN_SELF_SIGNED},
        {WT_CHAIN_INCOMPLETE, REASON_CHAIN_INCOMPLETE}, {WT_CHAIN_UNKNOWN_ISSUER, REASON_CHAIN_UNKNOWN_ISSUER},
    };
    struct wt_tls_proof *proof = &tls->proofs[WT_PROOF_CHAIN];
    for (size_t i = 0; i < sizeof rows / sizeof *rows && proof->result == WT_PROOF_OK; i++)
        if (v->faults & 1u << rows[i].fault) {
            proof->result = WT_PROOF_BAD;
            proof->reason = rows[i].reason;
        }
}

void wt_judge_pair(struct wt_observer *o, struct wt_conversation *c, unsigned side)
{
    const struct wt_certificate_facts *room[WT_LIMIT_CHAIN_JUDGED];
    struct wt_tls *tls = c->tls;
    const struct wt_pair pair = wt_judge_pair_of(tls, side);
    const struct wt_tls_chain *chain = wt_tls_chain(tls, side);
    const struct wt_judgement *v = NULL;
    if (tls->agreed.protocol != WT_PROTOCOL_TLCP)
        return;
    if (pair.encryption != SIZE_MAX && chain->judgement)
        v = wt_chain_judge(o->judge, side, room, list_from(tls, side, pair.encryption, pair.signing, room),
                           chain->seconds);
    if (v && side == WT_SERVER)
        note(tls, v);
    wt_verdicts_pair(o, c, side, pair, v);
    if (v)
        wt_judgement_release(v);
}
