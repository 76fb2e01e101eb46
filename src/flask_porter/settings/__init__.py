"""Every ``PORTER_*`` key, read once and checked before the app answers anybody."""

from .checks import check_mail as check_mail
from .keys import Settings as Settings
from .reading import read_settings as read_settings
from .secret_keys import why_weak as why_weak
