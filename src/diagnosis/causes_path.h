/* What the path says of a failure: who sent a RST, what ICMP reports, which other ClientHellos were answered. */
#ifndef WT_DIAGNOSIS_CAUSES_PATH_H
#define WT_DIAGNOSIS_CAUSES_PATH_H

#include <stdbool.h>
#include <stdint.h>

struct wt_case;
struct wt_conversation;

enum { WT_PATH_TEXT = 768 };

/* Sentences, each with a blank before it (as the language has it), and what follows from them. */
struct wt_path_evidence {
    char text[WT_PATH_TEXT];
    uint8_t fault; /* enum wt_fault; WT_FAULT_NONE: nothing follows */
    bool certain;
};

/* Whether the first RST was sent by the side whose address it has. */
void wt_path_reset(const struct wt_conversation *c, struct wt_path_evidence *out);
/* A RST in the server's name, and the server answers the ClientHello all the same. */
bool wt_path_is_forged(const struct wt_case *k);
/* The cause is known: what the path says of it is added, and who is to blame by that. */
void wt_path_settle(struct wt_case *k);

#endif
