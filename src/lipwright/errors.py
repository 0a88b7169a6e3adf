"""The whole error tree.

    LipwrightError
    ├── InputError                what the user gave cannot be used           exit 2, HTTP 422
    │   ├── UsageError            an option's value is wrong
    │   ├── PathEscapes           a name leads out of the folder that it belongs to
    │   ├── ProjectInvalid        a folder is no project, or one of another video or language
    │   ├── GlossaryInvalid
    │   ├── ScriptInvalid         a script or a storyboard, with its line
    │   ├── BatchInvalid          rows that cannot be made, each with its line
    │   ├── ConsentInvalid        a record of consent says too little, or contradicts itself
    │   ├── ConsentMissing        the consent of an avatar does not cover a use           403
    │   ├── AvatarNotFound        404
    │   ├── AvatarExists          409
    │   ├── MediaError            a file is not the media that it should be
    │   │   ├── MediaNotFound
    │   │   ├── MediaUnreadable   damaged, empty, or not what its name says
    │   │   ├── MediaTooLarge
    │   │   └── SubtitlesInvalid  times or text that no subtitle file may have
    │   ├── FaceError             the picture has no usable face
    │   │   ├── FaceNotFound
    │   │   ├── FaceTooSmall
    │   │   ├── FaceTurnedAway
    │   │   └── FaceLost          a lip-sync engine finds no face in some frames
    │   └── SpeechError           the text cannot be spoken
    │       ├── TextEmpty
    │       ├── ScriptUnsupported letters that the voice does not speak
    │       ├── VoiceUnknown
    │       ├── LanguageUnknown
    │       ├── LanguageSame      a video is to be dubbed into the language that it speaks
    │       ├── TranscriptMismatch a recording says something else than its transcript
    │       ├── SpeechNotHeard    no words are recognised in a recording
    │       └── LinesDoNotFit     too many lines of a dub are longer than their slots
    ├── ProviderError             an engine cannot do its work                exit 3, HTTP 503
    │   ├── ProviderUnknown
    │   ├── ProviderUnavailable   a package, a model or a tool is missing, or a server cannot be reached
    │   ├── ProviderRefused       a server does not accept the key
    │   ├── RateLimited           a server wants fewer requests
    │   ├── QuotaExhausted        what was paid for is used up
    │   ├── ProviderTimeout       a server does not answer in time
    │   └── ProviderAnswerInvalid a server answers what it should not: an error of its own, HTML, broken sound, silence
    ├── WorkFailed                a named part of the work failed; its cause says how, and whether to try again
    │   ├── SeparationFailed
    │   ├── TranscriptionFailed
    │   ├── TranslationFailed     with its line
    │   ├── SpeakingFailed        with its line
    │   ├── LipSyncFailed         with its window
    │   └── RowsFailed            some rows of a batch; the others are made
    ├── ServiceError              the job service cannot do what it is asked  exit 2, HTTP as below
    │   ├── TokenInvalid          no token, or one that is not known or has expired             401
    │   ├── NotAllowed            the token's scopes do not reach so far                        403
    │   ├── JobNotFound                                                                         404
    │   ├── AssetNotFound                                                                       404
    │   ├── IdempotencyConflict   the key was used for another request                          409
    │   ├── JobBusy               the job is not in a state for this                            409
    │   ├── BodyTooLarge                                                                        413
    │   ├── AddressForbidden      an address inside a private network                           422
    │   ├── TooManyRequests                                                                     429
    │   ├── StorageFailed         the object storage does not work                              503
    │   └── DatabaseFailed                                                                      503
    ├── OutputError               the result cannot be written                exit 4, HTTP 507
    │   ├── OutputNotWritable
    │   └── DiskFull
    └── Cancelled                 somebody stopped the work; no failure       exit 130, HTTP 499

Every class has a stable `code`, says whether the same call may succeed later (`retryable`), and maps to an HTTP
status and an exit code. Messages name the subject, the cause and the next step.
"""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: `` Did you mean `af_heart`?`` with its leading space.

    Returns: an empty string when no known name is near.
    """
    by_folded = {name.casefold(): name for name in known}
    near = get_close_matches(given.casefold(), by_folded, n=1)
    return f" Did you mean `{by_folded[near[0]]}`?" if near else ""


class LipwrightError(Exception):
    """Base of all errors that Lipwright raises on purpose."""

    code = "lipwright_error"
    retryable = False
    http_status = 500
    exit_code = 1


class InputError(LipwrightError):
    code = "input_invalid"
    http_status = 422
    exit_code = 2


class UsageError(InputError):
    code = "usage_invalid"


class PathEscapes(InputError):
    code = "path_escapes"


class ProjectInvalid(InputError):
    code = "project_invalid"


class GlossaryInvalid(InputError):
    code = "glossary_invalid"


class ScriptInvalid(InputError):
    code = "script_invalid"


class BatchInvalid(InputError):
    code = "batch_invalid"


class ConsentInvalid(InputError):
    code = "consent_invalid"


class ConsentMissing(InputError):
    code = "consent_missing"
    http_status = 403


class AvatarNotFound(InputError):
    code = "avatar_not_found"
    http_status = 404


class AvatarExists(InputError):
    code = "avatar_exists"
    http_status = 409


class MediaError(InputError):
    code = "media_invalid"


class MediaNotFound(MediaError):
    code = "media_not_found"
    http_status = 404


class MediaUnreadable(MediaError):
    code = "media_unreadable"


class MediaTooLarge(MediaError):
    code = "media_too_large"
    http_status = 413


class SubtitlesInvalid(MediaError):
    code = "subtitles_invalid"


class FaceError(InputError):
    code = "face_unusable"


class FaceNotFound(FaceError):
    code = "face_not_found"


class FaceTooSmall(FaceError):
    code = "face_too_small"


class FaceTurnedAway(FaceError):
    code = "face_turned_away"


class FaceLost(FaceError):
    code = "face_lost"


class SpeechError(InputError):
    code = "speech_impossible"


class TextEmpty(SpeechError):
    code = "text_empty"


class ScriptUnsupported(SpeechError):
    code = "script_unsupported"


class VoiceUnknown(SpeechError):
    code = "voice_unknown"


class LanguageUnknown(SpeechError):
    code = "language_unknown"


class LanguageSame(SpeechError):
    code = "language_same"


class TranscriptMismatch(SpeechError):
    code = "transcript_mismatch"


class SpeechNotHeard(SpeechError):
    code = "speech_not_heard"


class LinesDoNotFit(SpeechError):
    code = "lines_do_not_fit"


class ProviderError(LipwrightError):
    code = "provider_failed"
    http_status = 503
    exit_code = 3


class ProviderUnknown(ProviderError):
    code = "provider_unknown"
    http_status = 422


class ProviderUnavailable(ProviderError):
    code = "provider_unavailable"


class ProviderRefused(ProviderError):
    code = "provider_refused"


class RateLimited(ProviderError):
    """`after_s` is how long the server asks to wait; None when it does not say."""

    code = "rate_limited"
    retryable = True

    def __init__(self, message: str, after_s: float | None = None) -> None:
        super().__init__(message)
        self.after_s = after_s


class QuotaExhausted(ProviderError):
    code = "quota_exhausted"


class ProviderTimeout(ProviderError):
    code = "provider_timeout"
    retryable = True
    http_status = 504


class ProviderAnswerInvalid(ProviderError):
    code = "provider_answer_invalid"
    retryable = True
    http_status = 502


class WorkFailed(LipwrightError):
    """A part of a longer work failed. Raise it from its cause, whose retryability, status and exit code it takes."""

    code = "work_failed"

    def __init__(self, message: str, cause: LipwrightError, part: int | None = None) -> None:
        """Say what failed.

        Args:
            part: number of the line or window.
        """
        super().__init__(message)
        self.part = part
        self.retryable = cause.retryable
        self.http_status = cause.http_status
        self.exit_code = cause.exit_code


class SeparationFailed(WorkFailed):
    code = "separation_failed"


class TranscriptionFailed(WorkFailed):
    code = "transcription_failed"


class TranslationFailed(WorkFailed):
    code = "translation_failed"


class SpeakingFailed(WorkFailed):
    code = "speaking_failed"


class LipSyncFailed(WorkFailed):
    code = "lipsync_failed"


class RowsFailed(WorkFailed):
    code = "rows_failed"


class ServiceError(LipwrightError):
    code = "service_failed"
    exit_code = 2


class TokenInvalid(ServiceError):
    code = "token_invalid"
    http_status = 401


class NotAllowed(ServiceError):
    code = "not_allowed"
    http_status = 403


class JobNotFound(ServiceError):
    code = "job_not_found"
    http_status = 404


class AssetNotFound(ServiceError):
    code = "asset_not_found"
    http_status = 404


class IdempotencyConflict(ServiceError):
    code = "idempotency_conflict"
    http_status = 409


class JobBusy(ServiceError):
    code = "job_busy"
    http_status = 409


class BodyTooLarge(ServiceError):
    code = "body_too_large"
    http_status = 413


class AddressForbidden(ServiceError):
    code = "address_forbidden"
    http_status = 422


class TooManyRequests(ServiceError):
    """`after_s` is how long to wait."""

    code = "too_many_requests"
    retryable = True
    http_status = 429

    def __init__(self, message: str, after_s: float) -> None:
        super().__init__(message)
        self.after_s = after_s


class StorageFailed(ServiceError):
    code = "storage_failed"
    retryable = True
    http_status = 503
    exit_code = 3


class DatabaseFailed(ServiceError):
    code = "database_failed"
    retryable = True
    http_status = 503
    exit_code = 3


class OutputError(LipwrightError):
    code = "output_failed"
    http_status = 507
    exit_code = 4


class OutputNotWritable(OutputError):
    code = "output_not_writable"


class DiskFull(OutputError):
    code = "disk_full"
    retryable = True


class Cancelled(LipwrightError):
    """The work was stopped on request, by a signal or by its owner."""

    code = "cancelled"
    retryable = True
    http_status = 499
    exit_code = 130
