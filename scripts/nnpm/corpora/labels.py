"""What the words in a list of recordings mean: synonyms and codes of the four classes, and of other emotions.

Case, accents, Unicode form, spaces, `_` and `-` do not count, so that Ärger, ARGER and aerger are one word. A word that
the tables lack is another emotion, unless it is close to a class's word: that is more likely a slip of the pen.
"""

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping

from nnpm import CLASSES
from nnpm.errors import InputError

#: What a word means if it is no class.
OTHER, UNKNOWN, UNLABELLED = "another emotion, left out", "unknown word, left out", "unlabelled"

_CLASSES = {
    "angry": """
        angry anger angriness mad furious fury rage wrath ang an
        ärger ärgerlich wut wütend zorn zornig rabbia arrabbiato arrabbiata rab collera colère en_colère fâché fâchée
        enojo enojado enojada enfado enfadado enfadada rabia ira raiva zangado zangada
        złość gniew zły zła rozgniewany viha vihane boos boosheid kwaad arg ilska vred vrede sint sinne viha vihainen
        khashm khashmgin asabani asabaniat خشم عصبانی ghussa gussa ghusa غصہ غصه krodh गुस्सा राग রাগ
        öfke öfkeli kızgın kızgınlık sinirli гнев злость злой злая ярость раздражение злоба
        生气 愤怒 怒 生氣 憤怒 怒り いかり 怒る 분노 화남 화 غضب غاضب θυμός οργή harag düh dühös vztek hněv furie marah
        """,
    "happy": """
        happy happiness joy joyful joyous cheerful delighted gladness hap ha exc
        freude fröhlich freudig glücklich glück gioia felice felicità gio allegria allegro allegra joie joyeux joyeuse
        heureux heureuse felicidad feliz alegría alegre felicidade alegria
        radość radosny radosna szczęście szczęśliwy szczęśliwa wesoły wesoła rõõm rõõmus rõõmsameelne
        blij blijdschap vrolijk glad glädje glade lykkelig ilo iloinen
        shadi shad khoshhal khoshhali شادی خوشحال khushi khush خوشی خوش खुशी खुश সুখ খুশি
        mutlu mutluluk neşe neşeli sevinç радость радостный радостная счастье счастливый счастливая весёлый веселье
        高兴 开心 快乐 喜悦 喜 高興 開心 快樂 喜び 喜ぶ 嬉しい 幸せ 기쁨 행복 سعادة فرح سعيد χαρά
        öröm boldog radost štěstí bucurie senang gembira bahagia
        """,
    "sad": """
        sad sadness sorrow sorrowful unhappy unhappiness grief sa
        trauer traurig traurigkeit tristezza triste tri tristesse tristeza tristesa
        smutek smutny smutna kurb kurbus verdriet verdrietig droevig droefheid ledsen sorg sorgsen ked_af_det suru
        surullinen gham ghamgin ghamgini narahat ناراحت غم غمگین udaas udas udasi udaasi اداس dukh दुख उदास দুঃখ
        üzgün üzüntü hüzün hüzünlü mutsuz грусть грустный грустная печаль печальный печальная
        悲伤 伤心 难过 悲 悲傷 傷心 難過 悲しみ 悲しい 哀しみ 哀 슬픔 حزن حزين λύπη θλίψη szomorú smutný tristeţe sedih
        """,
    "neutral": """
        neutral neutrality neu ne no_emotion emotionless unemotional neutralität neutrale neutro neutra
        neutralità neutre neutralité neutralidad neutralidade neutralny neutralna neutralne neutralność obojętność
        neutraalne neutraal neutraali neutrum neutralt khonsa خنثی bitaraf ghair_janibdar tatasth
        nötr tarafsız нейтральный нейтральная нейтрально нейтральность
        中性 中立 平常 ニュートラル 중립 무감정 محايد ουδέτερο ουδετερότητα semleges neutrální netral
        """,
}
_OTHERS = """
    fear fearful afraid scared fright terror anxiety anxious worried worry panic fea fe angst furcht ängstlich
    paura pau peur miedo temor medo strach lęk hirm ترس tars khauf dar korku страх испуг 害怕
    恐惧 恐懼 恐怖 怖い 공포 خوف
    φόβος disgust disgusted dis di ekel disgusto dégoût asco nojo wstręt vastikus نفرت nafrat kirahat tiksinti
    iğrenme отвращение 厌恶
    厭惡 嫌悪 혐오 αηδία ghin surprise surprised pleasant_surprise pleasantly_surprised ps su
    sur sor astonishment überraschung überrascht sorpresa surprise étonnement surpresa zaskoczenie üllatus تعجب
    tajjob heyrat şaşkınlık şaşırma удивление 惊讶 吃惊 驚訝 驚き 놀람 boredom boredem bored bor langeweile gelangweilt
    noia ennui aburrimiento tédio nuda znudzenie скука 无聊 calm calmness relaxed ruhig calma sakin huzur
    спокойствие 平静 contempt con verachtung disprezzo mépris desprecio desprezo pogarda презрение 轻蔑 excited
    excitement enthusiasm enthusiastic энтузиазм frustrated frustration fru amused amusement sleepy sleepiness
    sarcastic sarcasm ironic irony tired stressed stress confused confusion interest interested pride proud
    shame guilt guilty embarrassed hope hopeful relief relieved desire admiration jealousy jealous love
    tenderness gratitude nervous concerned apologetic assertive encouraging confident poker pain pleasure
    disappointed disappointment disapproval hot_anger cold_anger despair elation hostile laughter laugh scream
    cry crying breath whisper shout trust anticipation other oth others mixed xxx no_agreement ambiguous
    undecided disagreement sonstige altro autre otro outro другое 其他
"""
_UNLABELLED = "nan none null n/a na unlabelled unlabeled unlabelled_emotion no_label unknown unk ? ??? - -- tbd todo"

#: Systems of single letters. Letters mean other things elsewhere (A anger or Angst, S sad or surprise), so a system is
#: used only if it explains all the letters of a list, with those that it alone has (`_MARKS`).
_LETTERS: dict[str, dict[str, str]] = {
    "English": {"A": "angry", "H": "happy", "S": "sad", "N": "neutral"} | dict.fromkeys("FDCUOXEB", OTHER),
    "German": {"W": "angry", "F": "happy", "T": "sad", "N": "neutral"} | dict.fromkeys("LEA", OTHER),
    "French": {"C": "angry", "J": "happy", "T": "sad", "N": "neutral"} | dict.fromkeys("PDS", OTHER),
}
_MARKS = {"English": {"A", "H"}, "German": {"W", "F"}, "French": {"C", "J"}}

_ID = re.compile(r"[-+]?\d+(?:\.0+)?")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_PLAIN = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "æ": "ae", "_": " ", "-": " "})
_SHORTEST = 4  # letters: shorter words are too often close to another by chance
_CLOSE = 0.8


def key(word: str) -> str:
    """The word without case, accents, Unicode form, spaces, `_` and `-`; a number as an id, 01 as 1."""
    text = word.strip()
    if _ID.fullmatch(text):
        return str(int(float(text)))
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_PLAIN)
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(kept.split()) or text


def _keys(words: str) -> Iterable[str]:
    for word in words.split():
        yield key(word)
        yield key(unicodedata.normalize("NFC", word.casefold()).translate(_UMLAUTS))


_TABLE: dict[str, str] = {
    **dict.fromkeys(_keys(_OTHERS), OTHER),
    **dict.fromkeys(_keys(_UNLABELLED), UNLABELLED),
    **{each: label for label, words in _CLASSES.items() for each in _keys(words)},
}
_NEAR = [each for each, meaning in _TABLE.items() if meaning in CLASSES and len(each) >= _SHORTEST]


def meaning(word: str) -> str:
    """A class, `OTHER`, `UNLABELLED` or, for a word that the tables lack, `UNKNOWN`."""
    return _TABLE.get(key(word), UNKNOWN) if word.strip() else UNLABELLED


def read(
    words: Mapping[str, str],
    chosen: Mapping[str, str | None] | None = None,
    given: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The meaning of each word of a list: a class, `OTHER`, `UNKNOWN` or `UNLABELLED`.

    `words` maps each word to the place where it stands first, for messages. `chosen` is the user's own map, of words to
    classes, None to leave them out; it has priority. `given` is a map that came with the list, of its codes to words.
    Raises `InputError` for numbers, letters that may mean several emotions, and a word close to a class's.
    """
    own = {key(str(word)): label for word, label in (chosen or {}).items()}
    codes = {key(code): word for code, word in (given or {}).items()}
    exact = dict(given or {})  # "s" and "S" may be two codes
    found, open_words = dict[str, str](), dict[str, str]()
    for word in words:
        if key(word) in own and word.strip():
            found[word] = own[key(word)] or OTHER
        else:
            open_words[word] = exact.get(word, codes.get(key(word), word))
    letters = _letters([word for word in open_words.values() if _is_letter(key(word))])
    for word, said in open_words.items():
        found[word] = letters.get(key(said)) or meaning(said)
        if found[word] == UNKNOWN:
            _refuse_unclear(said, words[word])
    return found


def _letters(words: Collection[str]) -> dict[str, str]:
    """The meaning of single letters, if exactly one system explains all of them; others are left to the tables."""
    here = {key(word).upper() for word in words}
    fitting = [name for name, letters in _LETTERS.items() if _MARKS[name] <= here <= letters.keys()]
    if len(fitting) != 1:
        return {}
    return {letter.casefold(): label for letter, label in _LETTERS[fitting[0]].items()}


def _is_letter(short: str) -> bool:
    return len(short) == 1 and short.isascii() and short.isalpha()


def _refuse_unclear(word: str, where: str) -> None:
    """Raise `InputError` if an unknown word is a number or a single letter, or close to a word of a class."""
    short = key(word)
    if _ID.fullmatch(short) or _is_letter(short):
        raise InputError(
            f"{where}: label {word!r} does not say which emotion it is; give the list's entry in manifests "
            f"labels: {{{word}: angry, ...}}, for every {'number' if short[-1].isdigit() else 'letter'}"
        )
    if len(short) >= _SHORTEST and (close := difflib.get_close_matches(short, _NEAR, n=1, cutoff=_CLOSE)):
        label = _TABLE[close[0]]
        meant = close[0] if close[0] == label else f"{close[0]} ({label})"
        raise InputError(
            f"{where}: label {word!r}: did you mean {meant}? correct it, or give the list's entry in manifests "
            f"labels: {{{word}: {label}}}, or null to leave it out"
        )
