/* Evidence: what the server chose. */
#include "diagnosis/case.h"

static void version(struct wt_case *k)
{
    const uint16_t chosen = k->tls->agreed.version, offered = k->tls->agreed.offered;
    const uint16_t newest = chosen ? chosen : k->offer.tls13 ? 0 : offered;
    if (chosen)
        wt_evidence_add(k, WT_EVIDENCE_VERSION_CHOSEN, k->server_hello_frame, chosen);
    /* RFC 8446, 4.2.1: a server "MUST NOT select a version" that supported_versions lacks */
    if (chosen && (chosen < WT_TLS12 || (k->offer.versions.n && !wt_codes_have(k->offer.versions, chosen))))
        wt_evidence_add(k, WT_EVIDENCE_VERSION_CHOSEN_OLD, k->server_hello_frame, chosen);
    if (newest == WT_TLS10 || newest == WT_TLS11)
        wt_evidence_add(k, WT_EVIDENCE_VERSION_OLD, k->server_hello_frame ? k->server_hello_frame : k->hello_frame,
                        newest);
}

void wt_evidence_answer(struct wt_case *k)
{
    version(k);
    if (k->has_server_hello && !wt_tls_is_13(k->tls) && wt_server_hello_downgrade(&k->server_hello) &&
        k->tls->agreed.version < k->tls->agreed.offered)
        wt_evidence_add(k, WT_EVIDENCE_DOWNGRADE_SENTINEL, k->server_hello_frame, 0);
}
