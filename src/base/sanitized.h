/* Whether this is built for AddressSanitizer, which looks for leaks with ptrace: gcc tells by a macro, clang by a
 * feature. */
#ifndef WT_BASE_SANITIZED_H
#define WT_BASE_SANITIZED_H

#ifdef __has_feature
#define WT_HAS_FEATURE(name) __has_feature(name)
#else
#define WT_HAS_FEATURE(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || WT_HAS_FEATURE(address_sanitizer)
#define WT_SANITIZED 1
#else
#define WT_SANITIZED 0
#endif

#endif
