// Loaded when the first schedule is shown: with the languages we have and no other.
import cronstrue from "cronstrue";
import "cronstrue/locales/ko";

export default cronstrue;
