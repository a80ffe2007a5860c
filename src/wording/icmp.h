/* What an ICMP error says. */
#ifndef WT_WORDING_ICMP_H
#define WT_WORDING_ICMP_H

#include <stdbool.h>
#include <stdint.h>

/* A clause, to follow a colon or stand in brackets; translated. */
const char *wt_wording_icmp(uint8_t type, uint8_t code, bool v6);

#endif
