// Clang's thread safety attributes: which mutex guards which member. Checked by clang-tidy, nothing
// to g++.
#pragma once

#if defined(__clang__)
#define KS_ATTRIBUTE(x) __attribute__((x))
#else
#define KS_ATTRIBUTE(x)
#endif

#define KS_CAPABILITY(x) KS_ATTRIBUTE(capability(x))
#define KS_SCOPED_CAPABILITY KS_ATTRIBUTE(scoped_lockable)
#define KS_GUARDED_BY(x) KS_ATTRIBUTE(guarded_by(x))
#define KS_REQUIRES(...) KS_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define KS_REQUIRES_SHARED(...) KS_ATTRIBUTE(requires_shared_capability(__VA_ARGS__))
#define KS_ACQUIRE(...) KS_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define KS_ACQUIRE_SHARED(...) KS_ATTRIBUTE(acquire_shared_capability(__VA_ARGS__))
#define KS_RELEASE(...) KS_ATTRIBUTE(release_capability(__VA_ARGS__))
#define KS_RELEASE_SHARED(...) KS_ATTRIBUTE(release_shared_capability(__VA_ARGS__))
#define KS_EXCLUDES(...) KS_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define KS_NO_THREAD_SAFETY_ANALYSIS KS_ATTRIBUTE(no_thread_safety_analysis)
